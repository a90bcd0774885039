import { people } from './fetch.js';

for await (const { email, settings } of people()) {
  console.log(email, settings?.inMeeting?.waitingRoom ?? 'Zoom does not say');
}
