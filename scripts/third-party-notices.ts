/** Composes THIRD-PARTY-NOTICES.md from the lock file: what is shipped with Vantage, under which licence, by whom. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The part of package-lock.json (version 3) that is read here. */
export interface LockFile {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

export interface LockedPackage {
  readonly version?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly optional?: boolean;
}

interface ShippedPackage {
  readonly path: string;
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  /** Fetched on some platforms only: listed, but its text is not at hand everywhere. */
  readonly optional: boolean;
}

/** Licences that an Apache-2.0 program may be shipped with; LGPL only for libraries that are loaded dynamically (libvips). */
const ACCEPTED = [
  'MIT',
  'ISC',
  '0BSD',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  'MPL-2.0',
  'CC0-1.0',
  'Unlicense',
];
const ACCEPTED_WHEN_LINKED_DYNAMICALLY = ['LGPL-3.0-or-later'];
const DYNAMICALLY_LINKED = /^@img\/sharp-/;

function shippedPackages(lock: LockFile): ShippedPackage[] {
  return Object.entries(lock.packages)
    .filter(([path, entry]) => path !== '' && entry.dev !== true && entry.devOptional !== true)
    .map(([path, entry]) => ({
      path,
      name: path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
      version: entry.version ?? 'unknown',
      licence: entry.license ?? 'unknown',
      optional: entry.optional === true,
    }))
    .sort((a, b) => (a.name + a.version < b.name + b.version ? -1 : 1));
}

/** Shipped packages (`name: licence`) whose licence, as an SPDX expression, is not acceptable; an OR needs one good side. */
export function findUnacceptableLicences(lock: LockFile): string[] {
  return shippedPackages(lock)
    .filter(({ name, licence }) => {
      const accepted = DYNAMICALLY_LINKED.test(name) ? [...ACCEPTED, ...ACCEPTED_WHEN_LINKED_DYNAMICALLY] : ACCEPTED;
      const alternatives = licence.replaceAll(/[()]/g, '').split(' OR ');
      return !alternatives.some((terms) => terms.split(' AND ').every((term) => accepted.includes(term)));
    })
    .map(({ name, licence }) => `${name}: ${licence}`);
}

function readLicenceText(root: string, packagePath: string): string | null {
  const folder = join(root, packagePath);
  if (!existsSync(folder)) return null;
  const file = readdirSync(folder)
    .filter((name) => /^licen[cs]e/i.test(name))
    .sort()[0];
  return file === undefined ? null : readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim();
}

function readAuthor(root: string, packagePath: string): string | null {
  const manifest = JSON.parse(readFileSync(join(root, packagePath, 'package.json'), 'utf8')) as {
    author?: string | { name?: string };
  };
  return (typeof manifest.author === 'string' ? manifest.author : manifest.author?.name) ?? null;
}

/**
 * The notices' text. Packages of some platforms only are listed without their text, so that the result does not depend
 * on the machine. Throws when a licence is not acceptable.
 */
export function composeNotices(lock: LockFile, root: string): string {
  const unacceptable = findUnacceptableLicences(lock);
  if (unacceptable.length > 0) throw new Error(`Licences that may not be shipped: ${unacceptable.join(', ')}`);
  const packages = shippedPackages(lock);
  const table = packages.map(
    ({ name, version, licence, optional }) => `| ${name} | ${version} | ${licence} | ${optional ? 'some' : 'all'} |`,
  );
  const texts = packages
    .filter(({ optional }) => !optional)
    .map(({ path, name, version, licence }) => {
      const author = readAuthor(root, path);
      const text =
        readLicenceText(root, path) ??
        `The package ships no licence file. Its manifest names ${licence}${author === null ? '' : `, author ${author}`}.`;
      return `### ${name} ${version}\n\n\`\`\`text\n${text}\n\`\`\`\n`;
    });
  return [
    '# Third-party notices',
    '',
    'Vantage is licensed under Apache-2.0. It is shipped with the packages below. Made from the lock file by',
    '`npm run notices`; a test fails when this file is out of date or a licence is not acceptable.',
    '',
    'libvips (`@img/sharp-libvips-*`, LGPL-3.0-or-later) is loaded as a shared library and may be replaced by the user;',
    'its sources are at <https://github.com/lovell/sharp-libvips>.',
    '',
    '| package | version | licence | platforms |',
    '|---|---|---|---|',
    ...table,
    '',
    '## Licence texts',
    '',
    ...texts,
  ].join('\n');
}
