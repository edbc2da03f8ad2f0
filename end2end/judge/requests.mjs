// Checks what a shop asked of a running simulator against Stripe's types:
//   node requests.mjs http://127.0.0.1:12111
// @ts-check

import { strayRequests } from './types.mjs';

const answer = await fetch(`${process.argv[2]}/_simulator/requests`);
const { data, total } = /** @type {any} */ (await answer.json());
// What the simulator refused was answered for already.
const complaints = strayRequests(data.filter((/** @type {any} */ asked) => asked.status < 400));
if (total === 0) complaints.push('the shop asked for nothing');
if (total > data.length) complaints.push(`the simulator remembers ${data.length} of ${total} requests only`);
for (const complaint of complaints) console.error(complaint);
console.log(`${total} requests, ${complaints.length} complaints`);
process.exitCode = complaints.length > 0 ? 1 : 0;
