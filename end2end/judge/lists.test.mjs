// Pages, filters, events.
// @ts-check

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Simulator } from './simulator.mjs';

/** @type {Simulator} */
let simulator;
/** @type {string[]} */
const sold = [];
before(async () => {
  simulator = await Simulator.start();
  for (let n = 0; n < 7; n += 1) sold.unshift((await simulator.sold()).charge.id);
});
after(() => simulator.close());

test('pages go back and forth', async () => {
  const { charges } = simulator.api;
  const first = await charges.list({ limit: 3 });
  assert.deepEqual(first.data.map(({ id }) => id), sold.slice(0, 3));
  assert.equal(first.has_more, true);
  const second = await charges.list({ limit: 3, starting_after: sold[2] });
  assert.deepEqual(second.data.map(({ id }) => id), sold.slice(3, 6));
  const last = await charges.list({ limit: 3, starting_after: sold[5] });
  assert.deepEqual([last.data.map(({ id }) => id), last.has_more], [sold.slice(6), false]);
  const back = await charges.list({ limit: 3, ending_before: sold[5] });
  assert.deepEqual([back.data.map(({ id }) => id), back.has_more], [sold.slice(2, 5), true]);
  const all = [];
  for await (const charge of charges.list({ limit: 2 })) all.push(charge.id);
  assert.deepEqual(all, sold);
});

test('events can be read back by type, group and time', async () => {
  const { events } = simulator.api;
  const completed = await events.list({ type: 'checkout.session.completed', limit: 100 });
  assert.equal(completed.data.length, 7);
  const group = await events.list({ type: 'charge.*', limit: 100 });
  assert.deepEqual(new Set(group.data.map(({ type }) => type)), new Set(['charge.succeeded', 'charge.updated']));
  const two = await events.list({ types: ['charge.updated', 'payment_intent.created'], limit: 100 });
  assert.equal(two.data.length, 14);
  const at = completed.data[3]?.created ?? 0;
  assert.equal((await events.list({ created: { gt: at + 3_600 } })).data.length, 0);
  assert.ok((await events.list({ created: { gte: at, lte: at } })).data.length > 0);
  assert.ok((await events.list({ created: at })).data.length > 0);
  const one = completed.data[0];
  assert.ok(one);
  assert.deepEqual(await events.retrieve(one.id), one);
});

test('an event tells the order of things and who caused it', async () => {
  const session = await simulator.session({}, { idempotencyKey: 'once' });
  await simulator.pay(session.id);
  await simulator.api.checkout.sessions.expire((await simulator.session()).id, {}, { idempotencyKey: 'gone' });
  const { data } = await simulator.api.events.list({ limit: 6 });
  assert.deepEqual(data.map(({ type }) => type), [
    'checkout.session.expired', 'charge.updated', 'checkout.session.completed',
    'payment_intent.succeeded', 'charge.succeeded', 'payment_intent.created',
  ]);
  assert.equal(data[0]?.request?.idempotency_key, 'gone');
  assert.match(data[0]?.request?.id ?? '', /^req_/);
  assert.equal(data[1]?.request?.id, null);
  assert.deepEqual(data[1]?.data.previous_attributes, { balance_transaction: null });
});

test('sessions by status, intent and e-mail', async () => {
  const { sessions } = simulator.api.checkout;
  const open = await simulator.session({ customer_email: 'rosa@correo.pe' });
  const found = await sessions.list({ customer_details: { email: 'rosa@correo.pe' } });
  assert.deepEqual(found.data.map(({ id }) => id), [open.id]);
  assert.deepEqual((await sessions.list({ status: 'open' })).data.map(({ id }) => id), [open.id]);
  const { session, intent } = await simulator.sold();
  assert.deepEqual((await sessions.list({ payment_intent: intent.id })).data.map(({ id }) => id), [session.id]);
});
