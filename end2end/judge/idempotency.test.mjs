// The same request again; another one under the same key; Stripe unwell.
// @ts-check

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import Stripe from 'stripe';
import { Simulator, refusal, ring } from './simulator.mjs';

/** @type {Simulator} */
let simulator;
before(async () => { simulator = await Simulator.start(); });
after(() => simulator.close());

const sessions = '/v1/checkout/sessions';

test('the same key and body give the same answer', async () => {
  const wanted = ring();
  const first = await simulator.api.checkout.sessions.create(wanted, { idempotencyKey: 'k1' });
  const again = await simulator.api.checkout.sessions.create(wanted, { idempotencyKey: 'k1' });
  assert.deepEqual(again, first);
  assert.equal(again.lastResponse.headers['idempotent-replayed'], 'true');
  assert.equal(again.lastResponse.headers['original-request'], first.lastResponse.requestId);
  assert.notEqual(again.lastResponse.requestId, first.lastResponse.requestId);
});

test('another body, or another endpoint, is an error', async () => {
  await simulator.session({}, { idempotencyKey: 'k2' });
  for (const ask of [
    () => simulator.session({ client_reference_id: 'order-2' }, { idempotencyKey: 'k2' }),
    () => simulator.api.refunds.create({ charge: 'ch_1' }, { idempotencyKey: 'k2' }),
  ]) {
    const error = await refusal(ask());
    assert.ok(error instanceof Stripe.errors.StripeIdempotencyError, error.message);
    assert.equal(error.statusCode, 400);
  }
});

test('a refused request frees its key', async () => {
  await refusal(simulator.session({ customer_email: 'nobody' }, { idempotencyKey: 'k3' }));
  await simulator.session({}, { idempotencyKey: 'k3' });
});

test('a refund asked for twice at once is made once', async () => {
  const { charge } = await simulator.sold();
  const ask = () => simulator.api.refunds.create({ charge: charge.id, amount: 100 }, { idempotencyKey: 'k4' });
  // Whoever comes second is answered from memory, or told that the first is still under way.
  const answers = await Promise.allSettled([ask(), ask()]);
  const made = answers.filter((answer) => answer.status === 'fulfilled').map((answer) => answer.value.id);
  const refused = answers.filter((answer) => answer.status === 'rejected').map((answer) => answer.reason.code);
  assert.ok(made.length > 0);
  assert.ok(refused.every((code) => code === 'idempotency_key_in_use'), refused.join());
  assert.deepEqual([...new Set([...made, (await ask()).id])], [made[0]]);
  assert.equal((await simulator.api.charges.retrieve(charge.id)).amount_refunded, 100);
});

test('while one is in progress the other is told so', async () => {
  await simulator.control('/faults', { kind: 'slow', ms: 300, count: 1, path: sessions });
  const wanted = ring();
  const slow = simulator.api.checkout.sessions.create(wanted, { idempotencyKey: 'k5' });
  await new Promise((resolve) => setTimeout(resolve, 100));
  const error = await refusal(simulator.api.checkout.sessions.create(wanted, { idempotencyKey: 'k5' }));
  assert.deepEqual([error.statusCode, error.code], [409, 'idempotency_key_in_use']);
  await slow;
  await simulator.api.checkout.sessions.create(wanted, { idempotencyKey: 'k5' });
});

test('Stripe unwell before the work: nothing happened, the key is free', async () => {
  await simulator.control('/faults', { kind: 'error', count: 1 });
  const wanted = ring();
  const before = (await simulator.control('/summary')).sessions.open;
  const error = await refusal(simulator.api.checkout.sessions.create(wanted, { idempotencyKey: 'k6' }));
  assert.ok(error instanceof Stripe.errors.StripeAPIError);
  assert.equal(error.statusCode, 500);
  assert.equal((await simulator.control('/summary')).sessions.open, before);
  await simulator.api.checkout.sessions.create(wanted, { idempotencyKey: 'k6' });
});

test('Stripe unwell after the work: the error is what is kept', async () => {
  const { charge } = await simulator.sold();
  await simulator.control('/faults', { kind: 'error', when: 'after', count: 1, method: 'POST', path: '/v1/refunds' });
  const ask = () => simulator.api.refunds.create({ charge: charge.id, amount: 100 }, { idempotencyKey: 'k7' });
  assert.equal((await refusal(ask())).statusCode, 500);
  assert.equal((await refusal(ask())).statusCode, 500);
  assert.equal((await simulator.api.charges.retrieve(charge.id)).amount_refunded, 100);
});

test('the line is cut after the work: a retry with the key finds what was made', async () => {
  // The client tries once more on a line that was cut, whatever it is told about retries.
  await simulator.control('/faults', { kind: 'hang_up', when: 'after', count: 2, method: 'POST' });
  const wanted = ring();
  const cut = await refusal(simulator.api.checkout.sessions.create(wanted, { idempotencyKey: 'k8' }));
  assert.ok(cut instanceof Stripe.errors.StripeConnectionError);
  const made = (await simulator.api.checkout.sessions.list({ limit: 1 })).data[0];
  const retried = await simulator.api.checkout.sessions.create(wanted, { idempotencyKey: 'k8' });
  assert.equal(retried.id, made?.id);
});

test('the client retries by itself and gets through', async () => {
  const { hostname, port } = new URL(simulator.url);
  const patient = new Stripe('sk_test_judge', {
    apiVersion: '2026-09-30.endive', host: hostname, port, protocol: 'http', maxNetworkRetries: 2,
  });
  await simulator.control('/faults', { kind: 'hang_up', when: 'after', count: 1 });
  await simulator.control('/faults', { kind: 'error', status: 503, count: 1 });
  const session = await patient.checkout.sessions.create(ring());
  assert.equal((await simulator.api.checkout.sessions.list({ limit: 1 })).data[0]?.id, session.id);
});

test('faults last until cleared, and can be told by path', async () => {
  await simulator.control('/faults', { kind: 'error', status: 429, path: '/v1/charges' });
  for (let n = 0; n < 3; n += 1) {
    const error = await refusal(simulator.api.charges.list());
    assert.ok(error instanceof Stripe.errors.StripeRateLimitError);
  }
  await simulator.api.refunds.list();
  assert.deepEqual(await simulator.control('/faults', undefined, 'DELETE'), []);
  await simulator.api.charges.list();
});
