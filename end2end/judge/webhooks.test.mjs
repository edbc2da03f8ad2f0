// Events on their way: signed, retried, and told to misbehave. And the file that keeps it all.
// @ts-check

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import Stripe from 'stripe';
import { Simulator, WEBHOOK_SECRET, refusal, until } from './simulator.mjs';

const COMPLETED = 'checkout.session.completed';

describe('webhooks', () => {
  /** @type {Simulator} */
  let simulator;
  before(async () => { simulator = await Simulator.start(); });
  after(() => simulator.close());
  beforeEach(async () => {
    await until(async () => !(await simulator.control('/summary')).deliveries.pending, 'silence');
    simulator.endpoint.received = [];
  });
  afterEach(async () => {
    simulator.endpoint.answers = [];
    await simulator.control('/webhooks', undefined, 'DELETE');
  });

  test('Stripe’s own verifier takes the signature', async () => {
    const { session } = await simulator.sold();
    for (const type of ['payment_intent.created', 'charge.succeeded', 'payment_intent.succeeded', COMPLETED, 'charge.updated']) {
      const [got] = await simulator.endpoint.wait(type);
      assert.ok(got);
      const event = simulator.api.webhooks.constructEvent(got.body, got.signature, WEBHOOK_SECRET);
      assert.equal(event.api_version, '2026-09-30.endive');
      if (event.type === COMPLETED) assert.equal(event.data.object.id, session.id);
      assert.throws(() => simulator.api.webhooks.constructEvent(`${got.body} `, got.signature, WEBHOOK_SECRET));
      assert.throws(() => simulator.api.webhooks.constructEvent(got.body, got.signature, 'whsec_other'));
    }
    const [got] = simulator.endpoint.of(COMPLETED);
    const id = got?.event.id ?? '';
    await until(async () => (await simulator.api.events.retrieve(id)).pending_webhooks === 0, 'the delivery noted');
  });

  test('retried until taken, with the same body and a fresh signature', async () => {
    simulator.endpoint.answers = [500, 302, 404, 500, 503, 500, 500];
    await simulator.sold();
    const tries = await until(async () => simulator.endpoint.received.length >= 12, '12 attempts')
      .then(() => simulator.endpoint.received);
    assert.equal(new Set(tries.map(({ event }) => event.id)).size, 5);
    assert.equal(new Set(tries.map(({ body }) => body)).size, 5);
    await until(async () => !(await simulator.control('/summary')).deliveries.pending, 'all delivered');
    assert.equal(simulator.endpoint.received.length, 12);
    const { data } = await simulator.control('/deliveries?limit=5');
    assert.ok(data.every((/** @type {any} */ delivery) => delivery.status === 'delivered'));
  });

  test('duplicated', async () => {
    await simulator.control('/webhooks', { duplicate: 2, types: [COMPLETED] });
    await simulator.sold();
    const got = await simulator.endpoint.wait(COMPLETED, 3);
    assert.equal(new Set(got.map(({ event }) => event.id)).size, 1);
    assert.equal((await simulator.endpoint.wait('charge.succeeded')).length, 1);
  });

  test('reordered', async () => {
    await simulator.control('/webhooks', { reorder: 5 });
    await simulator.sold();
    await simulator.endpoint.wait('payment_intent.created');
    assert.deepEqual(simulator.endpoint.received.map(({ event }) => event.type), [
      'charge.updated', COMPLETED, 'payment_intent.succeeded', 'charge.succeeded', 'payment_intent.created',
    ]);
  });

  test('delayed', async () => {
    await simulator.control('/webhooks', { delay_ms: 200 });
    const begin = Date.now();
    await simulator.sold();
    await simulator.endpoint.wait(COMPLETED);
    assert.ok(Date.now() - begin >= 200);
  });

  test('dropped, then found by polling and sent again', async () => {
    await simulator.control('/webhooks', { drop_next: 1, types: [COMPLETED] });
    const { session } = await simulator.sold();
    await simulator.endpoint.wait('charge.updated');
    assert.equal(simulator.endpoint.of(COMPLETED).length, 0);
    const missed = await simulator.api.events.list({ type: COMPLETED, delivery_success: false });
    const event = missed.data[0];
    assert.ok(event?.type === COMPLETED);
    assert.equal(event.data.object.id, session.id);
    await simulator.control(`/events/${event.id}/resend`, { copies: 2 });
    await simulator.endpoint.wait(COMPLETED, 2);
  });

  test('stale and forged on demand', async () => {
    await simulator.sold();
    const [got] = await simulator.endpoint.wait(COMPLETED);
    assert.ok(got);
    for (const signature of ['stale', 'forged']) {
      const before = simulator.endpoint.of(COMPLETED).length;
      await simulator.control(`/events/${got.event.id}/resend`, { signature });
      const wrong = (await simulator.endpoint.wait(COMPLETED, before + 1)).at(-1);
      assert.ok(wrong);
      assert.throws(
        () => simulator.api.webhooks.constructEvent(wrong.body, wrong.signature, WEBHOOK_SECRET),
        Stripe.errors.StripeSignatureVerificationError,
      );
    }
  });

  test('expiry is told', async () => {
    const session = await simulator.session();
    await simulator.control('/clock', { advance_seconds: 31 * 60 + 1 });
    const [got] = await simulator.endpoint.wait('checkout.session.expired');
    assert.equal(/** @type {any} */ (got?.event.data.object).id, session.id);
  });
});

describe('the state file', () => {
  /** @type {string} */
  let folder;
  before(async () => { folder = await mkdtemp(join(tmpdir(), 'simulator-')); });
  after(() => rm(folder, { recursive: true }));

  test('a killed simulator keeps sessions, money, keys and undelivered events', async () => {
    const simulator = await Simulator.start('--state', join(folder, 'state.json'), '--state-delay-ms', '10', '--public-url', 'http://pay.example/');
    try {
      simulator.endpoint.answers = Array(1_000).fill(500);
      const open = await simulator.session({}, { idempotencyKey: 'kept' });
      assert.equal(open.url, `http://pay.example/c/pay/${open.id}`);
      const sold = await simulator.sold();
      await new Promise((resolve) => setTimeout(resolve, 300));
      await simulator.stop('SIGKILL');
      simulator.endpoint.answers = [];
      simulator.endpoint.received = [];
      await simulator.launch();
      assert.deepEqual(await simulator.api.checkout.sessions.retrieve(open.id), open);
      assert.equal((await simulator.api.charges.retrieve(sold.charge.id)).paid, true);
      await simulator.endpoint.wait(COMPLETED);
      const other = await refusal(simulator.session({ client_reference_id: 'else' }, { idempotencyKey: 'kept' }));
      assert.ok(other instanceof Stripe.errors.StripeIdempotencyError);
      assert.equal((await simulator.pay(open.id)).status, 303);
      await simulator.stop('SIGTERM');
      assert.equal(simulator.child?.exitCode, 0);
      await simulator.launch();
      assert.equal((await simulator.api.checkout.sessions.retrieve(open.id)).status, 'complete');
      await simulator.control('/reset', {});
      await refusal(simulator.api.checkout.sessions.retrieve(open.id));
    } finally {
      await simulator.close();
    }
  });
});

test('only the wanted events, and a balance transaction that takes its time', async () => {
  const simulator = await Simulator.start('--webhook-events', 'checkout.session.*,charge.updated', '--settle-delay', '30');
  try {
    const { charge } = await simulator.sold();
    assert.equal(charge.balance_transaction, null);
    await simulator.endpoint.wait(COMPLETED);
    await simulator.control('/clock', { advance_seconds: 31 });
    const [got] = await simulator.endpoint.wait('charge.updated');
    assert.match(/** @type {any} */ (got?.event.data.object).balance_transaction, /^txn_/);
    assert.equal(simulator.endpoint.received.length, 2);
  } finally {
    await simulator.close();
  }
});
