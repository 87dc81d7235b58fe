// SPDX-License-Identifier: GPL-3.0-or-later
// The simulated provider behind weir-headless, and what the provider saw.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { built, cleanEnvironment, Running, until } from './process.mjs';
import { Tee } from './tee.mjs';
import { valuesOf } from './http1.mjs';

export const Answer = 'Hello from the simulated provider.';

const StartMs = 20_000;
const StopMs = 10_000;
const ClientMs = 60_000;

/** What belongs to one connection and is not passed on; a length is stated anew. */
const HopByHop = new Set(['connection', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade',
    'proxy-connection', 'host', 'content-length']);

/** Qt's network access states these itself when a client does not; nothing else may be added. */
const Added = new Set(['accept-language: en,*']);
/** Encodings that Weir can read; others are not offered to the provider. */
const Readable = new Set(['gzip', 'x-gzip', 'deflate', 'br', 'zstd', 'identity']);

export class Rig {
    #folder = fs.mkdtempSync(path.join(os.tmpdir(), 'weir-clients-'));
    #simulator;
    #weir;
    #clients = [];
    #secret;
    #settings;
    #environment;
    /** Where clients call. */
    url;
    /** Where Weir itself listens, past the tee. */
    direct;
    /** Where the provider is, and what it is trusted by; nobody but Weir calls it in most tests. */
    provider;
    certificate;
    /** The recording wire in front of Weir, if there is one. */
    tee;

    /** With `tee`, Weir listens on the IPv6 loopback and the tee on the same port of the IPv4 one: the port is part
     *  of the Host header, which Weir checks. With `secret`, that is the provider's key, which Weir holds, and
     *  clients need an access key. `settings` are further tables for weir.toml. */
    static async start({ tee = false, secret, settings = '' } = {}) {
        const rig = new Rig();
        rig.#secret = secret;
        rig.#settings = settings;
        try {
            if (tee)
                rig.tee = await Tee.start('::1');
            await rig.#start();
            return rig;
        } catch (error) {
            rig.#abandon();
            throw error;
        }
    }

    /** A new folder for one client: its home and where it works. */
    home() {
        return fs.mkdtempSync(path.join(this.#folder, 'home-'));
    }

    /** Starts a tool (tools.mjs) in `home` and a clean environment. */
    start(tool, args, home, environment) {
        const client = new Running(tool.program, [...tool.args, ...args],
            { cwd: home, env: cleanEnvironment(home, { ...tool.offline, ...environment }) });
        this.#clients.push(client);
        return client;
    }

    /** Runs a tool that has to end well; what it printed. */
    async run(tool, args, home, environment) {
        const client = this.start(tool, args, home, environment);
        const { code, signal } = await client.end(ClientMs);
        assert.equal(code, 0, `${path.basename(tool.program)} ended with ${code ?? signal}\nstdout: ${client.stdout}\n`
            + `stderr: ${client.stderr}\nWeir: ${this.#weir.stderr}`);
        return client.stdout;
    }

    /** A new access key; `options` as `weir-headless keys create` takes them. */
    async accessKey(label, options = []) {
        const printed = await this.command(['keys', 'create', '--label', label, ...options]);
        assert.match(printed, /^weir_[\w-]+\n$/);
        return printed.trim();
    }

    /** Runs `weir-headless` with `args` beside the running one; what it printed. */
    async command(args) {
        const command = new Running(built('weir-headless'), args, { cwd: this.#folder, env: this.#environment });
        const { code } = await command.end(StartMs);
        assert.equal(code, 0, command.stderr);
        return command.stdout;
    }

    /** The requests whose replies have ended, as the simulated provider logged them. */
    served() {
        const lines = fs.readFileSync(this.#logFile, 'utf8').split('\n');
        lines.pop(); // what follows the last line end is still being written
        return lines.map((line) => {
            const entry = JSON.parse(line);
            return { ...entry, body: Buffer.from(entry.body_base64, 'base64') };
        });
    }

    /** The logged request that `matches`, waited for. */
    async servedOne(matches, timeoutMs = 5_000) {
        const entry = await until(() => this.served().find(matches), timeoutMs);
        assert.ok(entry, `not in the provider's log: ${matches}`);
        return entry;
    }

    /**
     * Each request of `exchanges` (from a tee) reached the provider as it was sent: same method, target, body,
     * and headers in their order, except those of the connection and the offered encodings. Returns the log's
     * entries.
     */
    async assertPassedUnchanged(exchanges) {
        const rest = await until(() => {
            const served = this.served();
            return served.length >= exchanges.length && served;
        }, 5_000) || this.served();
        return exchanges.map((sent) => {
            const at = rest.findIndex((entry) => entry.method === sent.method && entry.target === sent.target
                && entry.body.equals(sent.body));
            assert.ok(at >= 0, `no request at the provider equals ${sent.start} (${sent.body.length} bytes)`);
            const [entry] = rest.splice(at, 1);
            const expected = endToEnd(sent);
            const arrived = endToEnd(entry).filter((line) => expected.includes(line) || !Added.has(line));
            assert.deepEqual(arrived, expected, `headers of ${sent.start}`);
            const offered = encodingsOf(sent).filter((one) => Readable.has(one.split(';')[0].trim()));
            assert.deepEqual(encodingsOf(entry), offered.length > 0 ? offered : ['identity']);
            return entry;
        });
    }

    /** Ends both programs as a user would; they have to end well and to have spoken HTTP/2 over TLS. */
    async stop() {
        try {
            for (const client of this.#clients.filter((c) => c.isRunning)) {
                client.kill('SIGKILL');
                await client.end(StopMs);
            }
            await this.tee?.stop();
            for (const [name, program] of [['weir-headless', this.#weir], ['weir-bench', this.#simulator]]) {
                program.kill('SIGTERM');
                const { code, signal } = await program.end(StopMs);
                assert.equal(code, 0, `${name} ended with ${code ?? signal} after SIGTERM: ${program.stderr}`);
            }
            for (const { protocol, tls, target } of this.served())
                assert.deepEqual({ protocol, tls }, { protocol: 'h2', tls: true }, `protocol of ${target}`);
        } finally {
            this.#abandon();
        }
    }

    get #logFile() {
        return path.join(this.#folder, 'provider.log');
    }

    async #start() {
        const certificate = path.join(this.#folder, 'certificate.pem');
        const settings = path.join(this.#folder, 'weir.toml');
        const env = cleanEnvironment(this.home(), this.#secret ? { SIM_KEY: this.#secret } : {});
        this.#environment = env;
        fs.writeFileSync(this.#logFile, '');
        this.#simulator = new Running(built('weir-bench'), ['simulate', '--tls', '--port', '0', '--require-key',
            '--cert-out', certificate, '--log', this.#logFile, '--log-bodies'], { cwd: this.#folder, env });
        [, this.provider] = await this.#simulator.printed(/simulating on (https:\S+)\n/, StartMs);
        this.certificate = fs.readFileSync(certificate);
        fs.writeFileSync(settings, `[listen]
address = "${this.tee ? '::1' : '127.0.0.1'}"

[[provider]]
name = "sim"
openai_base = "${this.provider}/v1"
anthropic_base = "${this.provider}"
ca_file = "${certificate}"
${this.#secret ? 'auth = "stored"\nkey_env = "SIM_KEY"' : ''}

[route]
anthropic = "sim"
openai = "sim"

${this.#settings}`);
        this.#weir = new Running(built('weir-headless'), ['--port', `${this.tee?.port ?? 0}`, '--config', settings],
            { cwd: this.#folder, env });
        [, this.direct] = await this.#weir.printed(/listening on (http:\S+)\n/, StartMs);
        this.url = this.tee?.url ?? this.direct;
    }

    #abandon() {
        this.tee?.stop();
        for (const program of [this.#weir, this.#simulator, ...this.#clients]) {
            if (program?.isRunning)
                program.kill('SIGKILL');
        }
        fs.rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
    }
}

/** What Accept-Encoding offers, in its order. */
function encodingsOf(message) {
    return valuesOf(message, 'accept-encoding').join().split(',').map((one) => one.trim()).filter(Boolean);
}

/** "name: value" of the headers that reach the other end, in their order; without the offered encodings. */
function endToEnd(message) {
    const named = valuesOf(message, 'connection').join().toLowerCase().split(',').map((name) => name.trim());
    return message.headers
        .map(([name, value]) => [name.toLowerCase(), value])
        .filter(([name]) => !HopByHop.has(name) && !named.includes(name) && name !== 'accept-encoding')
        .map(([name, value]) => `${name}: ${value}`);
}
