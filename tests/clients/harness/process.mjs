// SPDX-License-Identifier: GPL-3.0-or-later
// Child processes with an environment that holds nothing of the developer's.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

function need(variable) {
    const value = process.env[variable];
    if (!value)
        throw new Error(`${variable} is not set: these tests are run by ctest -L clients`);
    return value;
}

function existing(file) {
    if (!fs.existsSync(file))
        throw new Error(`${file} does not exist: it was not built or not installed for this machine`);
    return file;
}

/** A program of this project. */
export const built = (name) => existing(path.join(need('WEIR_BIN'), name));

/** A file of the installed npm packages. */
export const installed = (...parts) => existing(path.join(need('WEIR_CLIENTS'), 'node_modules', ...parts));

/** The environment of a child: an empty home and what `more` says; nothing of this process's own. */
export function cleanEnvironment(home, more = {}) {
    const environment = {
        HOME: home,
        PATH: `${path.dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
        TMPDIR: home,
        LC_ALL: 'C.UTF-8',
        TZ: 'UTC',
        NO_COLOR: '1',
    };
    for (const name of ['LD_LIBRARY_PATH', 'ASAN_OPTIONS', 'LSAN_OPTIONS', 'UBSAN_OPTIONS', 'TSAN_OPTIONS']) {
        if (process.env[name])
            environment[name] = process.env[name];
    }
    return { ...environment, ...more };
}

/** A running program whose output is kept. */
export class Running {
    stdout = '';
    stderr = '';
    #child;
    #ended;

    constructor(program, args, options) {
        this.#child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
        this.#child.stdout.on('data', (chunk) => { this.stdout += chunk; });
        this.#child.stderr.on('data', (chunk) => { this.stderr += chunk; });
        this.#ended = new Promise((resolve, reject) => {
            this.#child.once('error', reject);
            this.#child.once('close', (code, signal) => resolve({ code, signal }));
        });
        this.#ended.catch(() => {});
    }

    get isRunning() {
        return this.#child.exitCode === null && this.#child.signalCode === null;
    }

    kill(signal) {
        this.#child.kill(signal);
    }

    /** {code, signal}; a program that is not done in time is killed, which shows in `signal`. */
    async end(timeoutMs) {
        const timer = setTimeout(() => this.#child.kill('SIGKILL'), timeoutMs);
        try {
            return await this.#ended;
        } finally {
            clearTimeout(timer);
        }
    }

    /** The match of `pattern` in what the program prints. */
    async printed(pattern, timeoutMs) {
        const match = await until(() => pattern.exec(this.stdout) ?? !this.isRunning, timeoutMs);
        if (!match || match === true)
            throw new Error(`${pattern} was not printed; stdout: ${this.stdout} stderr: ${this.stderr}`);
        return match;
    }
}

/** The first truthy result of `look`; its last one when the time is over. */
export async function until(look, timeoutMs) {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
        const result = look();
        if (result || Date.now() > deadline)
            return result;
        await new Promise((resolve) => setTimeout(resolve, 10));
    }
}
