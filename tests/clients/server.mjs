// Starts and stops a server of its own: fresh data, a free port, none of the settings of whoever runs the tests.
import { spawn } from 'node:child_process';
import { createWriteStream, rmSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PATIENCE = 60_000;

/** What must not outlive this process, however it is ended. */
const started = new Set();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(signal, () => {
        for (const { child, folder } of started) remove(child, folder);
        process.exit(1);
    });
}

function remove(child, folder) {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

function environment() {
    const ours = Object.entries(process.env).filter(([name]) => !name.startsWith('ROSTER_') && name !== 'DATABASE_URL');
    return Object.fromEntries(ours);
}

/** Starts the binary; `folder` and `listen` go on where another has stopped, and then there is no new token. */
export async function start({ folder, listen = '127.0.0.1:0', args = [] } = {}) {
    const fresh = folder === undefined;
    folder ??= await mkdtemp(join(tmpdir(), 'roster-clients-'));
    const settings = ['--listen', listen, '--data-dir', join(folder, 'data'), '--log', 'warn', ...args];
    const child = spawn(process.env.ROSTER_BINARY, settings, { cwd: folder, env: environment(), stdio: ['ignore', 'pipe', 'pipe'] });
    const mine = { child, folder };
    started.add(mine);
    const exit = once(child, 'exit').finally(() => started.delete(mine));
    child.stderr.pipe(createWriteStream(join(folder, 'log'), { flags: 'a' }));
    const said = await greeting(child, fresh).catch(async (error) => {
        const log = await readFile(join(folder, 'log'), 'utf8');
        remove(child, folder);
        throw new Error(`${error.message}\n${log}`);
    });
    return {
        ...said,
        folder,
        log: () => readFile(join(folder, 'log'), 'utf8'),
        /** Asks it to end, and answers its exit code, or the signal that it took. */
        async stop() {
            child.kill('SIGTERM');
            const hurry = setTimeout(() => child.kill('SIGKILL'), PATIENCE / 2);
            const [code, signal] = await exit;
            clearTimeout(hurry);
            return code ?? signal;
        },
        remove: () => remove(child, folder),
    };
}

/** Reads standard output until it says where it listens, and at a first start the token. */
async function greeting(child, fresh) {
    let text = '';
    const late = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
    try {
        for await (const piece of child.stdout.iterator({ destroyOnReturn: false })) {
            text += piece;
            const url = text.match(/ready at (http:\/\/[^\s]+)/)?.[1];
            const token = text.match(/\brst_\w+/)?.[0];
            if (url && (token || !fresh)) {
                child.stdout.resume();
                return { url, token };
            }
        }
    } finally {
        clearTimeout(late);
    }
    throw new Error(`the server ended before it was ready; it said: ${text}`);
}
