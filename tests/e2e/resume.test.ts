/** A run that the machine kills goes on from its checkpoint to the very file that it would have written. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';

const VANTAGE = fileURLToPath(new URL('../../cli/vantage.mjs', import.meta.url));
const CAPTURE = fileURLToPath(new URL('../../assets/sample', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'vantage-resume-'));
const state = join(folder, 'state');
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function hasCheckpoint(): boolean {
  return existsSync(state) && readdirSync(state).some((name) => name.endsWith('.checkpoint'));
}

/** @param until kills the process as soon as it is true. */
function reconstruct(output: string, options: readonly string[], until?: () => boolean): Promise<string> {
  return new Promise((resolve, reject) => {
    const args = ['reconstruct', CAPTURE, '-o', join(folder, output), '--train-views', '0,2,4', '--threads', '2'];
    args.push('--width', '320', '--iterations', '300', '--depth-model', 'none', '--json', ...options);
    const child = spawn(process.execPath, [VANTAGE, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let notes = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (notes += text));
    child.stdout.on('data', () => {
      if (until?.() === true) child.kill('SIGKILL');
    });
    child.once('error', reject);
    child.once('close', (exitCode, signal) => {
      if (exitCode === 0 || signal === 'SIGKILL') resolve(notes);
      else reject(new Error(notes));
    });
  });
}

it('writes the same bytes after kill -9 and --resume', async () => {
  await reconstruct('whole.ply', []);
  await reconstruct('resumed.ply', ['--checkpoint', state, '--checkpoint-every', '1'], hasCheckpoint);
  expect(existsSync(join(folder, 'resumed.ply'))).toBe(false);
  const notes = await reconstruct('resumed.ply', ['--checkpoint', state, '--resume']);
  expect(notes).toContain('Going on after iteration');
  const [whole, resumed] = ['whole.ply', 'resumed.ply'].map((name) => readFileSync(join(folder, name)));
  expect(resumed!.equals(whole!)).toBe(true);
});

it('refuses, with the reason, to go on with other settings', async () => {
  await expect(reconstruct('other.ply', ['--checkpoint', state, '--resume', '--seed', '2'])).rejects.toThrow(
    /checkpoint belongs to another run: seed differs/,
  );
});
