// Starts the simulator, listens for its webhooks, and plays the shopper.
// @ts-check

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import Stripe from 'stripe';

export const SECRET_KEY = 'sk_test_judge';
export const WEBHOOK_SECRET = 'whsec_judge';
export const API_VERSION = '2026-09-30.endive';

/**
 * @typedef {{ body: string, signature: string, event: Stripe.Event }} Received
 * @typedef {import('node:child_process').ChildProcess} Child
 */

/** An endpoint that remembers what it got and answers what it is told. */
export class Endpoint {
  /** @type {Received[]} */
  received = [];
  /** Status of the next answers; 200 when it runs out. @type {number[]} */
  answers = [];

  async open() {
    this.server = createServer(async (request, response) => {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      const body = Buffer.concat(chunks).toString();
      const signature = String(request.headers['stripe-signature']);
      this.received.push({ body, signature, event: JSON.parse(body) });
      response.statusCode = this.answers.shift() ?? 200;
      response.end();
    });
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    const address = this.server.address();
    if (typeof address !== 'object' || !address) throw new Error('no address');
    return `http://127.0.0.1:${address.port}/webhook`;
  }

  /** @param {string} type */
  of(type) {
    return this.received.filter(({ event }) => event.type === type);
  }

  /** Waits until `count` deliveries of a type have come. @param {string} type */
  async wait(type, count = 1) {
    await until(() => this.of(type).length >= count, `${count} × ${type}`);
    return this.of(type);
  }

  close() {
    this.server?.closeAllConnections();
    this.server?.close();
  }
}

/** @param {() => boolean | Promise<boolean>} holds @param {string} what */
export async function until(holds, what) {
  const end = Date.now() + 5000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export class Simulator {
  endpoint = new Endpoint();
  /** @type {Child | undefined} */
  child;
  url = '';
  hook = '';
  /** @type {string[]} */
  options = [];

  /** @param {string[]} options */
  static async start(...options) {
    const simulator = new Simulator();
    simulator.hook = await simulator.endpoint.open();
    simulator.options = options;
    await simulator.launch();
    return simulator;
  }

  async launch() {
    const program = process.env.SIMULATOR_BIN;
    if (!program) throw new Error('SIMULATOR_BIN has to name the simulator');
    const all = [
      '--listen', '127.0.0.1:0',
      '--secret-key', SECRET_KEY,
      '--webhook-url', this.hook,
      '--webhook-secret', WEBHOOK_SECRET,
      '--webhook-backoff-ms', '20',
      ...this.options,
    ];
    this.child = spawn(program, all, { stdio: ['ignore', 'pipe', 'inherit'] });
    const stdout = this.child.stdout;
    if (!stdout) throw new Error('no stdout');
    const [line] = await once(createInterface(stdout), 'line');
    this.url = String(line).replace('listening on ', '');
    const { hostname, port } = new URL(this.url);
    this.stripe = new Stripe(SECRET_KEY, {
      apiVersion: API_VERSION,
      host: hostname,
      port,
      protocol: 'http',
      maxNetworkRetries: 0,
      telemetry: false,
    });
  }

  /** @param {NodeJS.Signals} signal */
  async stop(signal = 'SIGTERM') {
    if (this.child && this.child.exitCode === null) {
      const exit = once(this.child, 'exit');
      this.child.kill(signal);
      await exit;
    }
  }

  async close() {
    await this.stop();
    this.endpoint.close();
  }

  /** The client. */
  get api() {
    if (!this.stripe) throw new Error('not started');
    return this.stripe;
  }

  /** The control API. @param {string} path @param {unknown} [body] @param {string} [method] */
  async control(path, body, method = body === undefined ? 'GET' : 'POST') {
    const answer = await fetch(`${this.url}/_simulator${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return /** @type {any} */ (await answer.json());
  }

  /** A plain answer of the API, as it came over the line. @param {string} path */
  async raw(path) {
    const answer = await fetch(`${this.url}${path}`, {
      headers: { authorization: `Bearer ${SECRET_KEY}` },
    });
    return { status: answer.status, headers: answer.headers, json: /** @type {any} */ (await answer.json()) };
  }

  /** Presses Pay. @param {string} session @param {Record<string, string>} typed */
  async pay(session, typed = {}) {
    /** @type {Record<string, string>} */
    const form = {
      email: 'ana@correo.pe', name: 'Ana Quispe', card_number: '4242424242424242',
      expiry: '12/34', cvc: '123', ...typed,
    };
    return this.post(`/c/pay/${session}`, form);
  }

  /** @param {string} path @param {Record<string, string>} form */
  async post(path, form) {
    const answer = await fetch(`${this.url}${path}`, {
      method: 'POST',
      body: new URLSearchParams(form),
      redirect: 'manual',
    });
    return { status: answer.status, location: answer.headers.get('location') ?? '', html: await answer.text() };
  }

  /** A session for one ring. @param {Partial<Stripe.Checkout.SessionCreateParams>} more */
  async session(more = {}, /** @type {Stripe.RequestOptions} */ options = {}) {
    return this.api.checkout.sessions.create({ ...ring(), ...more }, options);
  }

  /** A ring that is paid for; its charge. */
  async sold(/** @type {Record<string, string>} */ typed = {}) {
    const opened = await this.session();
    await this.pay(opened.id, typed);
    const session = await this.api.checkout.sessions.retrieve(opened.id, {
      expand: ['payment_intent.latest_charge'],
    });
    const intent = /** @type {Stripe.PaymentIntent} */ (session.payment_intent);
    return { session, intent, charge: /** @type {Stripe.Charge} */ (intent.latest_charge) };
  }
}

/** What the shop asks for when somebody buys a ring. @returns {Stripe.Checkout.SessionCreateParams} */
export function ring() {
  return {
    mode: 'payment',
    ui_mode: 'hosted_page',
    locale: 'es',
    client_reference_id: 'order-1',
    customer_email: 'ana@correo.pe',
    success_url: 'http://shop.example/gracias?s={CHECKOUT_SESSION_ID}',
    cancel_url: 'http://shop.example/carrito',
    expires_at: Math.floor(Date.now() / 1000) + 31 * 60,
    metadata: { order: '1' },
    payment_intent_data: {
      description: 'Anillo Áncash',
      metadata: { order: '1' },
      shipping: { name: 'Ana Quispe', address: { line1: 'Jr. Lima 1', city: 'Puno', country: 'PE' } },
    },
    line_items: [
      {
        quantity: 1,
        price_data: {
          currency: 'pen',
          unit_amount: 45_000,
          tax_behavior: 'inclusive',
          product_data: { name: 'Anillo «Áncash» & <b>', description: 'Plata 950', images: ['https://shop.example/a.jpg'] },
        },
      },
      {
        quantity: 2,
        price_data: { currency: 'pen', unit_amount: 1_250, product_data: { name: 'Estuche' } },
      },
    ],
  };
}

/** The refusal of a promise. @param {Promise<unknown>} promise */
export async function refusal(promise) {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Stripe.errors.StripeError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}
