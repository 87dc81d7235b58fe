#!/usr/bin/env node
// SPDX-License-Identifier: GPL-3.0-or-later
// Installs gateways from npm (pinned by package-lock.json), starts them on loopback in front of a simulated
// provider of their own, and either says how to name them to weir-bench or runs a command with that appended:
//
//   node bench/peers/npm.mjs [--bench FILE]
//   node bench/peers/npm.mjs [--bench FILE] [--only portkey,ccr] -- weir-bench compare --peer nginx
//
// Ends everything that it started at Ctrl-C, SIGTERM, or with the command.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const installed = path.join(here, '../../build/peers');
const START_MS = 20_000;
const STOP_MS = 3_000;
const OUTPUT_MAX = 4_096;

class Trouble extends Error {}

function parseArguments(words) {
  const options = { bench: path.join(here, '../../build/release/bin/weir-bench'), only: ['portkey', 'ccr'], command: [] };
  while (words.length > 0) {
    const word = words.shift();
    if (word === '--') {
      options.command = words;
      break;
    }
    if (word === '--bench' && words.length > 0) options.bench = words.shift();
    else if (word === '--only' && words.length > 0) options.only = words.shift().split(',');
    else throw new Trouble(`"${word}" is not understood; see the top of ${path.basename(import.meta.url)}`);
  }
  const unknown = options.only.find((name) => !(name in peers));
  if (unknown !== undefined) throw new Trouble(`there is no peer "${unknown}"; it is one of ${Object.keys(peers).join(', ')}`);
  return options;
}

// ── what runs

const children = [];

/// In a process group of its own, so that what it starts can be ended with it. Keeps the last of what it prints.
function start(name, program, args, env) {
  const child = spawn(program, args, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const one = { name, child, output: '', ended: null };
  one.gone = new Promise((resolve) => {
    const end = (how) => {
      one.ended ??= how;
      resolve();
    };
    child.on('exit', (status, signal) => end(signal ?? `status ${status}`));
    child.on('error', (error) => end(error.message));
  });
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes) => { one.output = (one.output + bytes).slice(-OUTPUT_MAX); });
  children.push(one);
  return one;
}

function signalGroup(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

async function stopAll() {
  const running = children.splice(0).filter(({ child }) => child.pid !== undefined);
  for (const { child } of running) signalGroup(child, 'SIGTERM');
  const deadline = new Promise((resolve) => setTimeout(resolve, STOP_MS).unref());
  await Promise.race([Promise.all(running.map(({ gone }) => gone)), deadline]);
  for (const { child } of running) signalGroup(child, 'SIGKILL');
}

async function until(one, what, attempt) {
  const deadline = Date.now() + START_MS;
  while (true) {
    const result = await attempt();
    if (result) return result;
    if (one.ended !== null) throw new Trouble(`${one.name} ended with ${one.ended}: ${one.output.trim()}`);
    if (Date.now() > deadline) throw new Trouble(`${one.name} ${what} after ${START_MS} ms: ${one.output.trim()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

// ── the peers

/// Nothing of the user's: another home, no keys, no proxies. The provider's certificate is trusted and checked.
const environment = (home, caFile) =>
  ({ PATH: process.env.PATH, HOME: home, NODE_ENV: 'production', NODE_EXTRA_CA_CERTS: caFile, LC_ALL: 'C.UTF-8' });

const node = (file, ...args) => ['--require', path.join(here, 'loopback.cjs'), path.join(installed, 'node_modules', file), ...args];

const peers = {
  // Told where to go by each request.
  portkey: {
    headers: (origin) => ({ 'x-portkey-provider': 'anthropic', 'x-portkey-custom-host': `${origin}/v1` }),
    start: async ({ env, port }) =>
      start('portkey', process.execPath, node('@portkey-ai/gateway/build/start-server.js', `--port=${port}`, '--headless'), env),
  },
  // Told by its configuration. It puts the model that its router names into each request; the router below names
  // the one that is asked for, as the simulated provider behaves by it.
  ccr: {
    headers: () => ({}),
    start: async ({ env, port, origin, home }) => {
      const folder = path.join(home, '.claude-code-router');
      const router = path.join(folder, 'router.cjs');
      await mkdir(folder, { recursive: true });
      await writeFile(router, 'module.exports = async (request) => `sim,${request.body.model}`;\n');
      await writeFile(path.join(folder, 'config.json'), JSON.stringify({
        HOST: '127.0.0.1', PORT: port, LOG: false, NON_INTERACTIVE_MODE: true, CUSTOM_ROUTER_PATH: router,
        Providers: [{ name: 'sim', api_base_url: `${origin}/v1/messages`, api_key: 'bench', models: ['sim-ok'],
                      transformer: { use: ['Anthropic'] } }],
        Router: { default: 'sim,sim-ok' },
      }));
      return start('ccr', process.execPath, node('@musistudio/claude-code-router/dist/cli.js', 'start'), env);
    },
  },
};

async function answers(url, headers) {
  try {
    const reply = await fetch(`${url}/v1/messages`, {
      method: 'POST', signal: AbortSignal.timeout(2_000),
      headers: { 'content-type': 'application/json', 'x-api-key': 'bench', 'anthropic-version': '2023-06-01', ...headers },
      body: JSON.stringify({ model: 'sim-ok', max_tokens: 64, messages: [{ role: 'user', content: 'Hello' }] }),
    });
    return (await reply.text()).includes('Hello from the simulated provider.');
  } catch {
    return false; // not yet
  }
}

// ── from the registry to the command

async function install() {
  const lock = createHash('sha256').update(await readFile(path.join(here, 'package-lock.json'))).digest('hex');
  const stamp = path.join(installed, 'installed');
  if ((await readFile(stamp, 'utf8').catch(() => '')) === lock) return;
  await mkdir(installed, { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) await copyFile(path.join(here, file), path.join(installed, file));
  // No package's scripts: neither peer needs them.
  const npm = spawn('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
    { cwd: installed, stdio: ['ignore', 'ignore', 'inherit'] });
  const status = await new Promise((resolve) => { npm.on('exit', resolve); npm.on('error', resolve); });
  if (status !== 0) throw new Trouble(`npm ci failed: ${status}`);
  await writeFile(stamp, lock);
}

async function startAll(options, folder) {
  const caFile = path.join(folder, 'ca.pem');
  const provider = start('the provider', options.bench, ['simulate', '--tls', '--cert-out', caFile], environment(folder, ''));
  const origin = await until(provider, 'has not named its port',
    () => provider.output.match(/simulating on (https:\/\/\S+)\n/)?.[1]);
  const words = [];
  for (const name of options.only) {
    const home = path.join(folder, name);
    await mkdir(home);
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const headers = peers[name].headers(origin);
    const one = await peers[name].start({ env: environment(home, caFile), port, origin, home });
    await until(one, 'has not answered', () => answers(url, headers));
    words.push('--peer', `${name}=${url}`);
    for (const [field, value] of Object.entries(headers)) words.push('--peer-header', `${name}:${field}: ${value}`);
  }
  return words;
}

const quoted = (word) => (/^[\w./:=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);

async function main() {
  const options = parseArguments(process.argv.slice(2));
  const folder = await mkdtemp(path.join(tmpdir(), 'weir-peers-'));
  const interrupted = new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => resolve(signal));
  });
  try {
    await install();
    const words = await startAll(options, folder);
    if (options.command.length === 0) {
      console.log(words.map(quoted).join(' '));
      await Promise.race([interrupted, ...children.map(({ gone }) => gone)]);
      const dead = children.find(({ ended }) => ended !== null);
      if (dead) throw new Trouble(`${dead.name} ended with ${dead.ended}: ${dead.output.trim()}`);
      return 0;
    }
    const [program, ...rest] = options.command;
    // Ctrl-C reaches it as well, as it is in the same process group; what it then prints is waited for.
    const command = spawn(program, [...rest, ...words], { stdio: 'inherit' });
    return await new Promise((resolve, reject) => {
      command.on('exit', (status) => resolve(status ?? 1));
      command.on('error', (error) => reject(new Trouble(`cannot run ${program}: ${error.message}`)));
    });
  } finally {
    await stopAll();
    await rm(folder, { recursive: true, force: true });
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof Trouble)) throw error;
  console.error(`npm.mjs: ${error.message}`);
  process.exitCode = 1;
}
