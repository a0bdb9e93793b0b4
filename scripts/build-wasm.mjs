// Compiles every engine/**/*.cpp into engine/wasm/vantage.wasm (`npm run build:wasm`).
// `--check` rebuilds into a temporary folder and fails unless the result equals the committed file.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const COMPILER = process.env.WASM_CXX ?? 'clang++-19';
const LINKER = process.env.WASM_LD ?? 'wasm-ld-19';
const MAX_MEMORY_BYTES = 4294967296;
const root = fileURLToPath(new URL('..', import.meta.url));
const committed = join(root, 'engine/wasm/vantage.wasm');

const COMPILE_FLAGS = [
  '--target=wasm32',
  '-std=c++20',
  '-O3',
  '-msimd128',
  '-matomics',
  '-mbulk-memory',
  '-mnontrapping-fptoint',
  '-nostdlib',
  '-fno-exceptions',
  '-fno-rtti',
  '-fno-threadsafe-statics',
  // Sums may be reordered so that they vectorise; NaN and Inf keep their meaning.
  '-fno-math-errno',
  '-fno-trapping-math',
  '-fno-signed-zeros',
  '-fassociative-math',
  '-freciprocal-math',
  '-Wall',
  '-Wextra',
  '-Werror',
  '-I.',
];
const LINK_FLAGS = [
  '--no-entry',
  '--shared-memory',
  '--import-memory',
  '--initial-memory=33554432',
  `--max-memory=${MAX_MEMORY_BYTES}`,
  '--export=__stack_pointer',
  '-z',
  'stack-size=1048576',
  '--gc-sections',
  '--strip-all',
];

function findSources(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return findSources(path);
      return entry.name.endsWith('.cpp') ? [path] : [];
    })
    .sort();
}

function build(target) {
  const folder = mkdtempSync(join(tmpdir(), 'vantage-wasm-'));
  try {
    const objects = findSources('engine').map((source) => {
      const object = join(folder, `${source.replaceAll('/', '-')}.o`);
      execFileSync(COMPILER, [...COMPILE_FLAGS, '-c', source, '-o', object], { cwd: root, stdio: 'inherit' });
      return object;
    });
    execFileSync(LINKER, [...LINK_FLAGS, ...objects, '-o', target], { cwd: root, stdio: 'inherit' });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (process.argv.includes('--check')) {
  const folder = mkdtempSync(join(tmpdir(), 'vantage-wasm-'));
  try {
    const rebuilt = join(folder, 'vantage.wasm');
    build(rebuilt);
    if (!readFileSync(rebuilt).equals(readFileSync(committed))) {
      console.error('engine/wasm/vantage.wasm does not match its sources: run `npm run build:wasm` and commit it.');
      process.exit(1);
    }
    console.log('engine/wasm/vantage.wasm matches its sources.');
  } finally {
    rmSync(folder, { recursive: true });
  }
} else {
  build(committed);
}
