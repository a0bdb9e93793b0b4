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

export default tseslint.config(
  { ignores: ['node_modules/', 'out/', 'coverage/', 'assets/', 'tests/bench/results/'] },
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
