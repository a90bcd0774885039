// What a build does with Relay's queries: they become what relay-compiler wrote.
import { transformFileSync } from '@babel/core';
import { writeFileSync } from 'node:fs';

const file = 'out/relay.js';
writeFileSync(file, transformFileSync(file, { plugins: [['babel-plugin-relay', { eagerEsModules: true }]] }).code
  .replace(/(__generated__\/\w+\.graphql)(?:\.ts)?(["'])/g, '$1.js$2')); // Node wants the ending
