// ESLint's flat config. Layers and cycles are dependency-cruiser's business (.dependency-cruiser.cjs), formatting Prettier's.
import eslint from '@eslint/js';
import reactHooks from 'eslint-plugin-react-hooks';
import globals from 'globals';
import tseslint from 'typescript-eslint';
import {
  LONG_FILES,
  LONG_FUNCTION_FILES,
  SIZE_LIMITS,
  WIDE_FUNCTION_FILES,
} from './tests/architecture/size-exemptions.js';

/** ESLint refuses a block with an empty file list, so a list without entries gives no block. */
function exempt(entries, rule) {
  return entries.length === 0 ? [] : [{ files: entries.map(({ file }) => file), rules: { [rule]: 'off' } }];
}

const DANGEROUS_OPTION = (name, value, why) => ({
  selector: `Property[key.name='${name}']${value === null ? '' : `[value.value=${value}]`}`,
  message: why,
});

/** Selectors of what no file of the desktop application may say. */
const ELECTRON_DANGERS = [
  DANGEROUS_OPTION('webSecurity', false, 'other origins would be readable'),
  DANGEROUS_OPTION('allowRunningInsecureContent', null, 'the window loads nothing from a network'),
  DANGEROUS_OPTION('experimentalFeatures', null, 'Chromium does not vouch for these'),
  DANGEROUS_OPTION('enableBlinkFeatures', null, 'Chromium does not vouch for these'),
  DANGEROUS_OPTION('contextIsolation', false, 'the page would share objects with the preload'),
  DANGEROUS_OPTION('sandbox', false, 'a page would run with the rights of the user'),
  DANGEROUS_OPTION('nodeIntegration', true, 'a page has no Node'),
  DANGEROUS_OPTION('nodeIntegrationInWorker', true, 'a page has no Node'),
  DANGEROUS_OPTION('nodeIntegrationInSubFrames', true, 'a page has no Node'),
  DANGEROUS_OPTION('webviewTag', true, 'there are no pages within the page'),
  DANGEROUS_OPTION('bypassCSP', null, 'the content security policy counts for every scheme'),
  {
    selector: "MemberExpression[property.name='ipcMain'], ImportSpecifier[imported.name='ipcMain']",
    message: 'messages of the window are taken in electron/main/ipc-endpoint.ts, which checks sender and schema',
  },
  {
    selector:
      "MemberExpression[property.name='openExternal']:matches([object.name='shell'], [object.property.name='shell'])",
    message: 'addresses are opened by electron/main/open-external.ts, which knows the allowed ones',
  },
  {
    selector: 'CallExpression[callee.property.name=/^(appendSwitch|appendArgument)$/]',
    message: 'no switch of Chromium is needed; one that is must get a list and a test of its own',
  },
  {
    selector:
      "CallExpression[callee.property.name='registerFileProtocol'], CallExpression[callee.property.name='loadFile']",
    message: 'files of the window are served by electron/main/page-protocol.ts',
  },
];

export default tseslint.config(
  { ignores: ['node_modules/', 'out/', '.vite/', 'release/', 'coverage/', 'assets/', 'tests/bench/results/'] },
  eslint.configs.recommended,
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // `noUncheckedIndexedAccess` makes every read of a typed array `number | undefined`; a loop that is bounded by the
      // array's length says so with `!`, which costs nothing, where a check would cost a branch in every kernel.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // Numbers and booleans in messages are readable as they are; objects and undefined stay forbidden.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      // Backends answer asynchronously by contract, also where this one has nothing to wait for.
      '@typescript-eslint/require-await': 'off',
      // A named handler may return nothing in one line.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // `x !== undefined` guards that the types call unnecessary are how bad input is caught at the borders.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      // Text that is taken apart into characters here is ASCII: signatures, headers, paths.
      '@typescript-eslint/no-misused-spread': 'off',
      eqeqeq: 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      ...SIZE_LIMITS,
    },
  },
  {
    // Libraries tell their host through events and errors; the terminal belongs to the CLI.
    files: ['engine/**', 'native-models/**', 'host/**', 'electron/**', 'renderer/**'],
    rules: { 'no-console': 'error' },
  },
  {
    // What Electron's security list calls dangerous; tests/unit/electron-security.test.ts proves that each of these bites.
    files: ['electron/**', 'renderer/**'],
    rules: { 'no-restricted-syntax': ['error', ...ELECTRON_DANGERS] },
  },
  {
    // The one file in which messages of the window arrive.
    files: ['electron/main/ipc-endpoint.ts'],
    rules: {
      'no-restricted-syntax': ['error', ...ELECTRON_DANGERS.filter(({ selector }) => !selector.includes('ipcMain'))],
    },
  },
  {
    // The one file that hands addresses to the system.
    files: ['electron/main/open-external.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...ELECTRON_DANGERS.filter(({ selector }) => !selector.includes('openExternal')),
      ],
    },
  },
  {
    files: ['engine/**'],
    rules: {
      'no-restricted-globals': ['error', 'process', 'Buffer', 'document', 'window', 'navigator'],
    },
  },
  {
    files: ['renderer/**/*.tsx', 'renderer/**/*.ts'],
    ...reactHooks.configs.flat['recommended-latest'],
  },
  {
    // A component is its markup: what it renders may be long where its logic is short.
    files: ['renderer/**/*.tsx'],
    rules: { 'max-lines-per-function': ['error', { max: 120, skipComments: true, skipBlankLines: true }] },
  },
  {
    // Declarations of classes that the platform implements: their shape is not ours to choose.
    files: ['**/*.d.ts'],
    rules: { '@typescript-eslint/no-extraneous-class': 'off' },
  },
  {
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: { globals: globals.node },
  },
  {
    files: ['tests/**'],
    rules: {
      // A test reads top to bottom: `describe` holds all its cases.
      'max-lines-per-function': 'off',
      'max-lines': 'off',
    },
  },
  ...exempt(LONG_FILES, 'max-lines'),
  ...exempt(LONG_FUNCTION_FILES, 'max-lines-per-function'),
  ...exempt(WIDE_FUNCTION_FILES, 'max-params'),
);
