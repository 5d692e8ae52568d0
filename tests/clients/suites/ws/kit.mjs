// A socket without a client library, for what no library would ever do.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import WebSocket from 'ws';
import { authorization, socketEndpoint } from '../../kit.mjs';

export const PROTOCOL = 'graphql-transport-ws';
const PATIENCE = 20_000;

export class Raw {
    #messages = [];
    #waiting = [];

    constructor(protocols = PROTOCOL, options = {}) {
        this.socket = new WebSocket(socketEndpoint, protocols, options);
        this.closed = new Promise((resolve) => this.socket.on('close', (code, reason) => resolve({ code, reason: String(reason) })));
        this.socket.on('message', (data, binary) => this.#hear(binary ? data : JSON.parse(data)));
        this.closed.then((close) => this.#hear(close));
    }

    #hear(message) {
        const next = this.#waiting.shift();
        if (next) next(message);
        else this.#messages.push(message);
    }

    static async open(protocols, options) {
        const raw = new Raw(protocols, options);
        await once(raw.socket, 'open');
        return raw;
    }

    /** One that has been let in. */
    static async letIn(options) {
        const raw = await Raw.open(PROTOCOL, options);
        raw.say({ type: 'connection_init', payload: { Authorization: authorization } });
        assert.deepEqual(await raw.hear(), { type: 'connection_ack' });
        return raw;
    }

    say(message) {
        this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
    }

    subscribe(id, query, variables) {
        this.say({ type: 'subscribe', id, payload: { query, variables } });
    }

    /** The next message, or the close. */
    hear() {
        if (this.#messages.length) return this.#messages.shift();
        return new Promise((resolve, reject) => {
            const late = setTimeout(() => reject(new Error('nothing was heard')), PATIENCE);
            this.#waiting.push((message) => (clearTimeout(late), resolve(message)));
        });
    }

    /** The code by which the server closes, with nothing said before. */
    async closeCode() {
        const message = await this.hear();
        assert.ok('code' in message, JSON.stringify(message));
        return message.code;
    }

    end() {
        this.socket.terminate();
    }
}
