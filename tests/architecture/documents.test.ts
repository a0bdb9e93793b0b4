import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findNamedPaths } from './find-named-paths.js';
import { listFiles, readText, REPOSITORY_ROOT } from './repository.js';

const DOCUMENTS = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...listFiles('docs', (name) => name.endsWith('.md')),
];

describe('documents', () => {
  it.each(DOCUMENTS)('%s names only paths that exist', (document) => {
    const missing = findNamedPaths(readText(document)).filter(
      (path) => !existsSync(join(REPOSITORY_ROOT, path)) && !existsSync(join(REPOSITORY_ROOT, dirname(document), path)),
    );
    expect(missing).toEqual([]);
  });

  it('are searched for code spans and relative links, not for fenced examples or placeholders', () => {
    const markdown = [
      'See `engine/scene/camera.ts`, `engine/formats/read-<format>.ts` and [measured](docs/measured.md#fern).',
      'Not a path: `npm test`; not ours: [site](https://example.org/docs/x.md).',
      '```',
      '`docs/inside-a-fence.md`',
      '```',
    ].join('\n');
    expect(findNamedPaths(markdown)).toEqual(['docs/measured.md', 'engine/scene/camera.ts']);
  });

  it('name every npm script that they tell people to run', () => {
    const { scripts } = JSON.parse(readText('package.json')) as { scripts: Record<string, string> };
    const named = DOCUMENTS.flatMap((document) =>
      [...readText(document).matchAll(/npm run ([\w:-]+)/g)].map((match) => match[1]!),
    );
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });
});
