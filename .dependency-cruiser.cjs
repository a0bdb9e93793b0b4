// Who may import whom: the table of ARCHITECTURE.md as rules. Everything that a layer's rule does not name is forbidden.
// The order of `layers` is the order of the table; `may` holds patterns of paths from the repository's root.
const MATH = '^engine/math/';
const SCENE = '^engine/scene/';
/** contract.ts and what it defines beside it (the dropout's hash, the sweep's planes): every file directly in the folder. */
const SPLATTING_CONTRACT = '^engine/splatting/[^/]+\\.ts$';
const CORRESPONDENCE_CONTRACT = '^engine/correspondence/[^/]+\\.ts$';
const WASM_RUNTIME = '^engine/wasm/';
const POSES = '^engine/poses/[^/]+\\.ts$';
const BACKENDS = ['^engine/(splatting|correspondence|poses)/(reference|wasm|webgpu)/', WASM_RUNTIME];
/** Packages alone: what runs in the window may not reach for Node. */
const PACKAGES =
  '^(?!(assets|cli|electron|engine|host|native-models|renderer|scripts|tests)/|\\.|node:|fs|path|os|child_process|worker_threads|crypto$)';
/** Packages and Node's own modules: whatever is no part of this repository. */
const OUTSIDE = '^(?!(assets|cli|electron|engine|host|native-models|renderer|scripts|tests)/|\\.)';

const layers = [
  { name: 'math', from: MATH, may: [MATH] },
  { name: 'scene', from: SCENE, may: [SCENE, MATH] },
  ...['formats', 'depth', 'metrics'].map((folder) => ({
    name: folder,
    from: `^engine/${folder}/`,
    may: [`^engine/${folder}/`, SCENE, MATH],
  })),
  { name: 'poses', from: POSES, may: [POSES, SCENE, MATH] },
  {
    name: 'poses-wasm',
    from: '^engine/poses/wasm/',
    may: ['^engine/poses/wasm/', POSES, WASM_RUNTIME, SCENE, MATH],
  },
  {
    name: 'correspondence',
    from: CORRESPONDENCE_CONTRACT,
    may: [CORRESPONDENCE_CONTRACT, SCENE, MATH],
  },
  {
    name: 'correspondence-reference',
    from: '^engine/correspondence/reference/',
    may: ['^engine/correspondence/reference/', CORRESPONDENCE_CONTRACT, SCENE, MATH],
  },
  {
    name: 'correspondence-wasm',
    from: '^engine/correspondence/wasm/',
    may: ['^engine/correspondence/wasm/', CORRESPONDENCE_CONTRACT, WASM_RUNTIME, SCENE, MATH],
  },
  { name: 'splatting-contract', from: SPLATTING_CONTRACT, may: [SPLATTING_CONTRACT, SCENE, MATH] },
  ...['reference', 'webgpu'].map((backend) => ({
    name: `splatting-${backend}`,
    from: `^engine/splatting/${backend}/`,
    may: [`^engine/splatting/${backend}/`, SPLATTING_CONTRACT, SCENE, MATH],
  })),
  {
    name: 'splatting-wasm',
    from: '^engine/splatting/wasm/',
    may: ['^engine/splatting/wasm/', SPLATTING_CONTRACT, WASM_RUNTIME, SCENE, MATH],
  },
  { name: 'wasm-runtime', from: WASM_RUNTIME, may: [WASM_RUNTIME, SCENE, MATH] },
  { name: 'training', from: '^engine/training/', may: ['^engine/training/', SPLATTING_CONTRACT, SCENE, MATH] },
  { name: 'pipeline', from: '^engine/pipeline/', may: ['^engine/'], mayNot: BACKENDS },
  {
    name: 'native-models',
    from: '^native-models/',
    may: ['^native-models/', SCENE, MATH, OUTSIDE],
  },
  { name: 'host', from: '^host/', may: ['^host/', '^native-models/', '^engine/', OUTSIDE] },
  { name: 'electron-ipc', from: '^electron/ipc/', may: ['^electron/ipc/', '^node_modules/zod/'] },
  // Never any numerics in these: they run in processes that must answer at once.
  {
    name: 'electron-service',
    from: '^electron/service/',
    may: ['^electron/(service|ipc)/', '^host/(?!run/)', SCENE, MATH, '^engine/formats/', OUTSIDE],
  },
  {
    name: 'electron-loopback',
    from: '^electron/loopback/',
    may: ['^electron/(loopback|service|ipc)/', '^host/(?!run/)', OUTSIDE],
  },
  { name: 'electron-main', from: '^electron/main/', may: ['^electron/(main|service|ipc)/', '^host/(?!run/)', OUTSIDE] },
  {
    name: 'electron-preload',
    from: '^electron/preload/',
    may: ['^electron/(preload|ipc)/', '^node_modules/electron/'],
  },
  {
    name: 'electron-jobs',
    from: '^electron/jobs/',
    may: ['^electron/(jobs|ipc)/', '^host/', '^native-models/', '^engine/', OUTSIDE],
  },
  { name: 'renderer-app', from: '^renderer/app/', may: ['^renderer/app/', '^electron/ipc/', SCENE, MATH, PACKAGES] },
  { name: 'renderer-viewer', from: '^renderer/viewer/', may: ['^renderer/viewer/', SCENE, MATH, PACKAGES] },
  {
    name: 'renderer-panels',
    from: '^renderer/(panels/|[^/]+\\.tsx?$)',
    may: ['^renderer/', '^electron/ipc/', SCENE, MATH, PACKAGES],
  },
  {
    name: 'cli',
    from: '^cli/',
    may: ['^cli/', '^host/', '^native-models/', '^engine/', OUTSIDE],
  },
  { name: 'scripts', from: '^scripts/', may: ['^scripts/', '^cli/', '^host/', '^native-models/', '^engine/', OUTSIDE] },
];

/** `pathNot` matches what is allowed; a layer's `mayNot` takes paths back out of what `may` allows. */
function forbidEverythingElse({ name, from, may, mayNot }) {
  const rules = [
    {
      name: `layer-${name}`,
      comment: `${name} may import only ${may.join(', ')}`,
      severity: 'error',
      from: { path: from },
      to: { pathNot: may },
    },
  ];
  if (mayNot !== undefined) {
    rules.push({
      name: `layer-${name}-no-backend`,
      comment: `${name} is handed a backend, it never imports one`,
      severity: 'error',
      from: { path: from },
      to: { path: mayNot },
    });
  }
  return rules;
}

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'engine-is-plain',
      comment: 'the engine runs in every JavaScript host: no Node module, no package',
      severity: 'error',
      from: { path: '^engine/' },
      to: { dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'no-import-of-tests',
      severity: 'error',
      from: { pathNot: '^tests/' },
      to: { path: '^tests/', pathNot: '^tests/architecture/size-exemptions\\.js$' },
    },
    {
      name: 'resolvable',
      comment: 'an optional peer dependency is the one thing that may be absent',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^@tensorflow/tfjs-node-gpu$' },
    },
    {
      name: 'no-dev-dependency-in-product',
      severity: 'error',
      from: { path: '^(engine|native-models|host|cli|electron|renderer)/' },
      // Electron brings its own module of that name; it is no part of what is packed.
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: '^node_modules/electron/' },
    },
    ...layers.flatMap(forbidEverythingElse),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(out|coverage)/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
