// Starts a server, runs suites against it, and says what became of them. `run` has installed what they need.
import { run } from 'node:test';
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { start } from './server.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const FILE_TIMEOUT = 120_000;
const MAX_LINES = 20;

const server = await start();
process.env.ROSTER_URL = server.url;
process.env.ROSTER_TOKEN = server.token;

const total = { passed: 0, failed: 0 };
try {
    for (const suite of process.argv.slice(2)) await measure(suite, () => runFiles(suite));
    await measure('server', stopServer);
} finally {
    server.remove();
}
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed || !total.passed ? 1 : 0);

async function measure(name, suite) {
    const begin = performance.now();
    const { passed, failures } = await suite();
    const seconds = ((performance.now() - begin) / 1000).toFixed(1);
    console.log(`${name.padEnd(14)}${String(passed).padStart(4)} passed${String(failures.length).padStart(4)} failed${seconds.padStart(7)} s`);
    for (const { name, reason } of failures) console.log(`  ✗ ${name}\n${reason.replace(/^/gm, '      ')}`);
    total.passed += passed;
    total.failed += failures.length;
}

/** Runs the test files of one suite, one after the other: they share the server and two cores. */
async function runFiles(suite) {
    const folder = join(here, 'suites', suite);
    const files = readdirSync(folder).filter((name) => name.endsWith('.test.mjs')).map((name) => join(folder, name));
    let passed = 0;
    const failures = [];
    const events = run({ files, concurrency: 1, timeout: FILE_TIMEOUT });
    events.on('test:pass', ({ details, skip, todo }) => {
        if (details.type !== 'suite' && skip === undefined && todo === undefined) passed += 1;
    });
    events.on('test:fail', ({ name, details, file }) => {
        // Where only a test inside failed, that one is counted.
        if (details.error.failureType === 'subtestsFailed') return;
        const cause = details.error.cause ?? details.error;
        const place = file && name !== file ? `${relative(here, file)}: ${name}` : name;
        failures.push({ name: place, reason: reason(cause) });
    });
    events.on('test:stderr', ({ message }) => process.stderr.write(message));
    events.resume();
    await new Promise((resolve) => events.on('end', resolve));
    if (!passed && !failures.length) failures.push({ name: suite, reason: 'there was no test in it' });
    return { passed, failures };
}

/** What went wrong, and where in the test; the rest of the stack is the test runner's. */
function reason(cause) {
    const lines = (cause?.stack ?? inspect(cause, { depth: 1 })).split('\n');
    const place = lines.find((line) => line.includes('/suites/'));
    const said = lines.filter((line) => !/^\s+at /.test(line)).slice(0, MAX_LINES);
    return [...said, place].join('\n').trim();
}

/** The server must end when it is asked to, and nothing that was asked of it may have been a fault of its own. */
async function stopServer() {
    const code = await server.stop();
    const faults = (await server.log()).split('\n').filter((line) => /\bERROR\b|panicked/.test(line));
    const failures = [];
    if (code !== 0) failures.push({ name: 'the server ends with 0', reason: `it ended with ${code}` });
    if (faults.length) failures.push({ name: 'the log has no errors', reason: faults.join('\n') });
    return { passed: 2 - failures.length, failures };
}
