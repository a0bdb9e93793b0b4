import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listFiles, listTrackedFiles, readText, SOURCE_FOLDERS } from './repository.js';

const VAGUE_NAME = /^(utils?|helpers?|common|managers?)$/;
const KEBAB_CASE = /^\.?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)*\.(ts|tsx|js|mjs|cjs|cpp|h|css)$/;
const MAX_LINES_ANYWHERE = 800;

const sources = SOURCE_FOLDERS.flatMap((folder) =>
  listFiles(folder, (name) => /\.(ts|tsx|js|mjs|cjs|cpp|h|css)$/.test(name)),
);

/** Words of a file's name: `splat-manager.test.ts` → splat, manager, test. */
function vagueWords(path: string): string[] {
  return basename(path)
    .split(/[.-]/)
    .filter((word) => VAGUE_NAME.test(word));
}

describe('file names', () => {
  it('say what the file does', () => {
    expect(sources.filter((path) => vagueWords(path).length > 0)).toEqual([]);
    expect(vagueWords('engine/scene/splat-utils.ts')).toEqual(['utils']);
    expect(vagueWords('engine/scene/common-views.test.ts')).toEqual(['common']);
  });

  it('are kebab-case', () => {
    expect(sources.filter((path) => !KEBAB_CASE.test(basename(path)))).toEqual([]);
    expect(KEBAB_CASE.test('splatScene.ts')).toBe(false);
  });
});

describe('file contents', () => {
  it(`stay under ${MAX_LINES_ANYWHERE} lines in every language`, () => {
    expect(sources.filter((path) => readText(path).split('\n').length > MAX_LINES_ANYWHERE)).toEqual([]);
  });

  it('of package-lock.json hold no download address', () => {
    const addresses = readText('package-lock.json')
      .split('\n')
      .filter((line) => /"resolved":\s*"https?:/.test(line));
    expect(addresses).toEqual([]);
  });

  it('of package-lock.json name every optional dependency, or `npm ci` refuses to start', () => {
    type Locked = Readonly<Record<string, { readonly optionalDependencies?: Readonly<Record<string, string>> }>>;
    const { packages } = JSON.parse(readText('package-lock.json')) as { packages: Locked };
    const locked = new Set(Object.keys(packages).map((path) => path.replace(/^.*node_modules\//, '')));
    const optional = Object.values(packages).flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}));
    expect(optional.length).toBeGreaterThan(0);
    expect(optional.filter((name) => !locked.has(name))).toEqual([]);
  });

  it('of package.json pin every dependency exactly', () => {
    const manifest = JSON.parse(readText('package.json')) as Record<string, Record<string, string> | undefined>;
    const versions = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.peerDependencies };
    expect(Object.entries(versions).filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
  });

  it("name no folder of one developer's machine", () => {
    const tracked = listTrackedFiles();
    if (tracked === null) {
      console.log('SKIPPED: paths of a machine are looked for only in a git checkout');
      return;
    }
    const texts = tracked.filter((path) => /\.(ts|js|mjs|cjs|cpp|h|md|json|yml)$|\.ci\/run$/.test(path));
    const offenders = texts.filter((path) => /(^|[^\w.])\/(work|root)\//m.test(readText(path)));
    expect(offenders).toEqual([]);
  });
});
