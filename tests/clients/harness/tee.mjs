// SPDX-License-Identifier: GPL-3.0-or-later
// A recording wire between a client and Weir: every byte passes unchanged and is kept.
import net from 'node:net';
import { splitMessages } from './http1.mjs';

export class Tee {
    #server = net.createServer((client) => this.#join(client));
    #sockets = new Set();
    #connections = [];
    #upstreamHost;
    port;

    /** Listens on 127.0.0.1 for whom the same port of `upstreamHost` is meant. */
    static async start(upstreamHost) {
        const tee = new Tee();
        tee.#upstreamHost = upstreamHost;
        await new Promise((resolve, reject) => {
            tee.#server.once('error', reject);
            tee.#server.listen(0, '127.0.0.1', resolve);
        });
        tee.port = tee.#server.address().port;
        return tee;
    }

    get url() {
        return `http://127.0.0.1:${this.port}`;
    }

    /** Starts a new record. */
    forget() {
        this.#connections = [];
    }

    /** Bytes that have come back from Weir so far. */
    get bytesAnswered() {
        return this.#connections.flatMap((c) => c.answered).reduce((sum, chunk) => sum + chunk.length, 0);
    }

    /** All requests in order of their connections, each with the `answer` to it (undefined = none came). */
    exchanges() {
        return this.#connections.flatMap(({ asked, answered }) => {
            const requests = splitMessages(Buffer.concat(asked));
            const answers = splitMessages(Buffer.concat(answered), requests);
            return requests.map((request, i) => ({ ...request, answer: answers[i] }));
        });
    }

    async stop() {
        if (!this.#server.listening)
            return;
        this.#sockets.forEach((socket) => socket.destroy());
        await new Promise((resolve) => this.#server.close(resolve));
    }

    #join(client) {
        const upstream = net.connect({ port: this.port, host: this.#upstreamHost });
        const connection = { asked: [], answered: [] };
        this.#connections.push(connection);
        this.#pass(client, upstream, connection.asked);
        this.#pass(upstream, client, connection.answered);
    }

    #pass(from, to, record) {
        this.#sockets.add(from);
        from.setNoDelay(true);
        from.on('data', (chunk) => {
            record.push(chunk);
            to.write(chunk);
        });
        from.on('end', () => to.end());
        from.on('error', () => to.destroy());
        from.on('close', () => {
            this.#sockets.delete(from);
            to.destroySoon();
        });
    }
}
