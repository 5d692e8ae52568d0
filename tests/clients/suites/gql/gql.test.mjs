// Runs the tests of client.py; each of its lines is a test here.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('client.py', import.meta.url));
const { status, stdout, stderr } = spawnSync(process.env.CLIENTS_PYTHON, [script], { encoding: 'utf8', env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' } });
const results = (stdout ?? '').split('\n').filter(Boolean).map((line) => JSON.parse(line));

test('the script runs to its end', () => {
    assert.equal(status, 0, stderr);
    assert.ok(results.length > 0, stdout);
});

for (const { name, problem } of results) {
    test(name, () => assert.ok(problem === null, problem));
}
