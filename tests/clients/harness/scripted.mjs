// SPDX-License-Identifier: GPL-3.0-or-later
// A provider that gives one answer to whoever asks, and keeps what it was asked.
import http from 'node:http';

export class Scripted {
    #server = http.createServer({ maxHeaderSize: 64 * 1024 }, (request, reply) => this.#answer(request, reply));
    /** {method, target, headers, body} of each request since the last answers(). */
    asked = [];
    #status;
    #headers;
    #body;

    /** Listens on loopback, in cleartext. */
    static async start() {
        const scripted = new Scripted();
        await new Promise((resolve, reject) => {
            scripted.#server.once('error', reject);
            scripted.#server.listen(0, '127.0.0.1', resolve);
        });
        return scripted;
    }

    get url() {
        return `http://127.0.0.1:${this.#server.address().port}`;
    }

    /** What it answers from now on; what it was asked is forgotten. */
    answers(status, headers, body) {
        [this.#status, this.#headers, this.#body] = [status, headers, body];
        this.asked = [];
    }

    async stop() {
        this.#server.closeAllConnections();
        await new Promise((resolve) => this.#server.close(resolve));
    }

    async #answer(request, reply) {
        const parts = await request.toArray();
        const { method, url: target, headers } = request;
        this.asked.push({ method, target, headers, body: Buffer.concat(parts).toString() });
        reply.writeHead(this.#status, this.#headers).end(this.#body);
    }
}
