import { Client, fetchExchange } from '@urql/core';
import { address, headers } from './service.js';

export const urql = new Client({
  url: address,
  exchanges: [fetchExchange], // add cacheExchange in front, of @urql/core or @urql/exchange-graphcache
  preferGetMethod: false,
  fetchSubscriptions: true, // as event streams, without a socket
  fetchOptions: { headers },
});
