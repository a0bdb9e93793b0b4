import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findImportViolations } from './cruise-imports.js';
import { SOURCE_FOLDERS } from './repository.js';

/** [importing file, imported module, rule that must catch it] */
const FORBIDDEN_IMPORTS = [
  ['engine/math/a.ts', 'engine/scene/b.ts', 'layer-math'],
  ['engine/scene/a.ts', 'engine/splatting/contract.ts', 'layer-scene'],
  ['engine/formats/a.ts', 'engine/depth/b.ts', 'layer-formats'],
  ['engine/poses/a.ts', 'engine/formats/b.ts', 'layer-poses'],
  ['engine/depth/a.ts', 'engine/correspondence/contract.ts', 'layer-depth'],
  ['engine/metrics/a.ts', 'engine/training/b.ts', 'layer-metrics'],
  ['engine/correspondence/a.ts', 'engine/correspondence/wasm/b.ts', 'layer-correspondence'],
  ['engine/correspondence/reference/a.ts', 'engine/correspondence/wasm/b.ts', 'layer-correspondence-reference'],
  ['engine/correspondence/wasm/a.ts', 'engine/splatting/wasm/b.ts', 'layer-correspondence-wasm'],
  ['engine/poses/a.ts', 'engine/poses/wasm/b.ts', 'layer-poses'],
  ['engine/poses/wasm/a.ts', 'engine/correspondence/b.ts', 'layer-poses-wasm'],
  ['engine/splatting/contract.ts', 'engine/splatting/wasm/b.ts', 'layer-splatting-contract'],
  ['engine/splatting/reference/a.ts', 'engine/splatting/wasm/b.ts', 'layer-splatting-reference'],
  ['engine/splatting/wasm/a.ts', 'engine/splatting/reference/b.ts', 'layer-splatting-wasm'],
  ['engine/splatting/wasm/a.ts', 'engine/training/b.ts', 'layer-splatting-wasm'],
  ['engine/splatting/webgpu/a.ts', 'engine/wasm/b.ts', 'layer-splatting-webgpu'],
  ['engine/wasm/a.ts', 'engine/splatting/contract.ts', 'layer-wasm-runtime'],
  ['engine/training/a.ts', 'engine/splatting/wasm/b.ts', 'layer-training'],
  ['engine/training/a.ts', 'engine/depth/b.ts', 'layer-training'],
  ['engine/pipeline/a.ts', 'engine/splatting/reference/b.ts', 'layer-pipeline-no-backend'],
  ['engine/pipeline/a.ts', 'engine/correspondence/wasm/b.ts', 'layer-pipeline-no-backend'],
  ['engine/pipeline/a.ts', 'engine/wasm/b.ts', 'layer-pipeline-no-backend'],
  ['engine/pipeline/a.ts', 'host/b.ts', 'layer-pipeline'],
  ['engine/scene/a.ts', 'node:fs', 'engine-is-plain'],
  ['engine/pipeline/a.ts', 'three', 'engine-is-plain'],
  ['native-models/a.ts', 'engine/pipeline/b.ts', 'layer-native-models'],
  ['native-models/a.ts', 'host/b.ts', 'layer-native-models'],
  ['host/a.ts', 'cli/b.ts', 'layer-host'],
  ['electron/ipc/a.ts', 'engine/scene/b.ts', 'layer-electron-ipc'],
  ['electron/service/a.ts', 'engine/pipeline/b.ts', 'layer-electron-service'],
  ['electron/service/a.ts', 'host/run/b.ts', 'layer-electron-service'],
  ['electron/loopback/a.ts', 'electron/jobs/b.ts', 'layer-electron-loopback'],
  ['electron/main/a.ts', 'electron/jobs/b.ts', 'layer-electron-main'],
  ['electron/preload/a.ts', 'electron/service/b.ts', 'layer-electron-preload'],
  ['electron/jobs/a.ts', 'electron/service/b.ts', 'layer-electron-jobs'],
  ['renderer/app/a.ts', 'renderer/viewer/b.ts', 'layer-renderer-app'],
  ['renderer/viewer/a.ts', 'renderer/app/b.ts', 'layer-renderer-viewer'],
  ['renderer/panels/a.ts', 'node:fs', 'layer-renderer-panels'],
  ['renderer/panels/c.ts', 'electron/service/b.ts', 'layer-renderer-panels'],
  ['cli/a.ts', 'scripts/b.ts', 'layer-cli'],
  ['cli/a.ts', 'tests/b.ts', 'no-import-of-tests'],
  ['cli/a.ts', './missing.ts', 'resolvable'],
] as const;

const ALLOWED_IMPORTS = [
  ['engine/scene/a.ts', 'engine/math/b.ts'],
  ['engine/depth/a.ts', 'engine/scene/b.ts'],
  ['engine/correspondence/wasm/a.ts', 'engine/wasm/b.ts'],
  ['engine/correspondence/wasm/c.ts', 'engine/correspondence/contract.ts'],
  ['engine/splatting/wasm/a.ts', 'engine/splatting/contract.ts'],
  ['engine/training/a.ts', 'engine/splatting/contract.ts'],
  ['engine/pipeline/a.ts', 'engine/training/b.ts'],
  ['engine/pipeline/c.ts', 'engine/correspondence/contract.ts'],
  ['native-models/a.ts', 'engine/scene/b.ts'],
  ['host/a.ts', 'engine/wasm/b.ts'],
  ['host/c.ts', 'node:fs'],
  ['host/d.ts', 'native-models/b.ts'],
  ['electron/service/a.ts', 'electron/ipc/b.ts'],
  ['electron/main/a.ts', 'electron/service/b.ts'],
  ['electron/jobs/a.ts', 'host/run/b.ts'],
  ['renderer/app/a.ts', 'electron/ipc/c.ts'],
  ['renderer/panels/a.ts', 'renderer/viewer/b.ts'],
  ['renderer/viewer/c.ts', 'three'],
  ['cli/a.ts', 'engine/splatting/reference/b.ts'],
  ['cli/c.ts', 'host/b.ts'],
  ['tests/a.ts', 'cli/b.ts'],
] as const;

describe('import rules', () => {
  it('hold for the whole repository, without a cycle', async () => {
    const { violations, moduleCount } = await findImportViolations(SOURCE_FOLDERS);
    expect(moduleCount).toBeGreaterThan(20);
    expect(violations).toEqual([]);
  });
});

describe('import rules bite', () => {
  let root = '';
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'vantage-imports-'));
    mkdirSync(join(root, 'node_modules/three'), { recursive: true });
    writeFileSync(join(root, 'node_modules/three/package.json'), '{ "name": "three", "version": "1.0.0" }');
    writeFileSync(join(root, 'node_modules/three/index.js'), 'export default 1;');
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  function write(path: string, imported: string | null): void {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    const specifier =
      imported === null || !imported.includes('/') || imported.startsWith('.')
        ? imported
        : `${'../'.repeat(path.split('/').length - 1)}${imported}`;
    writeFileSync(join(root, path), specifier === null ? 'export default 1;\n' : `import '${specifier}';\n`);
  }

  function writeImport(from: string, to: string): void {
    write(from, to);
    if (to.includes('/') && !to.startsWith('.')) write(to, null);
  }

  it.each(FORBIDDEN_IMPORTS)('%s may not import %s (%s)', async (from, to, rule) => {
    writeImport(from, to);
    const { violations } = await findImportViolations([from.split('/')[0]!], root);
    expect(violations.map((violation) => violation.rule)).toContain(rule);
  });

  it('and let pass what the table allows', async () => {
    for (const [from, to] of ALLOWED_IMPORTS) writeImport(from, to);
    const folders = [...new Set(ALLOWED_IMPORTS.map(([from]) => from.split('/')[0]!))];
    expect((await findImportViolations(folders, root)).violations).toEqual([]);
  });

  it('a cycle is found', async () => {
    write('engine/math/a.ts', 'engine/math/b.ts');
    write('engine/math/b.ts', 'engine/math/a.ts');
    const { violations } = await findImportViolations(['engine'], root);
    expect(violations.map((violation) => violation.rule)).toContain('no-cycles');
  });
});
