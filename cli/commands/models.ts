import type { Command } from 'commander';
import { formatBytes } from '../../host/run/format-text.js';
import { UsageError } from '../../host/run/user-errors.js';
import type { ModelFile } from '../../native-models/manifest.js';
import { installModelFile, missingFiles } from '../../native-models/install-model.js';
import { ALL_MODELS, CAMERA_MODELS, FEATURE_MODELS, filesOf, totalBytes } from '../../native-models/manifest.js';
import { locateModelFolder } from '../../native-models/store.js';
import { listenForInterrupt } from '../interrupt.js';
import { printJsonLine, printLine, printNote } from '../terminal.js';

interface ModelsOptions {
  readonly json?: boolean;
}

const EXAMPLES = `
Networks make scenes of few photos better and find cameras where other features see too little. None is needed, and none comes with the
product: they are downloaded when you say so, checked by their sha256, and kept in one folder (VANTAGE_MODELS, where that is set).

Examples:
  vantage models                                          what is there, what can be had
  vantage models download depth-anything-v2-small         for --depth-model
  vantage models download lighterglue-l3                  for --features, together with xfeat-640
  vantage models download depth-anything-v3-small         for --camera-model, two files
  vantage models add ~/Downloads/xfeat.onnx               a file that you have: recognised by its content`;

function purposeOf(model: ModelFile): 'depth' | 'features' | 'cameras' {
  if (FEATURE_MODELS.includes(model)) return 'features';
  return CAMERA_MODELS.includes(model) ? 'cameras' : 'depth';
}

function describe(model: ModelFile): object {
  const { name, url, licence, source } = model;
  const files = filesOf(model).map(({ fileName, url: from, bytes, sha256 }) => ({
    fileName,
    url: from,
    bytes,
    sha256,
  }));
  const isInstalled = missingFiles(model).length === 0;
  return { name, purpose: purposeOf(model), isInstalled, url, bytes: totalBytes(model), files, licence, source };
}

function list({ json }: ModelsOptions): void {
  if (json === true) {
    printJsonLine({ type: 'result', folder: locateModelFolder(), models: ALL_MODELS.map(describe) });
    return;
  }
  for (const model of ALL_MODELS) {
    const isInstalled = missingFiles(model).length === 0;
    const state = isInstalled ? 'installed' : model.url === null ? 'add' : 'download';
    const purpose = purposeOf(model).padEnd(9);
    printLine(`${model.name.padEnd(30)} ${purpose} ${state.padEnd(10)} ${formatBytes(totalBytes(model))}`);
    if (!isInstalled) printLine(`  ${model.source} (${model.licence})`);
  }
  printLine(`They belong in ${locateModelFolder()}`);
}

function findModels(names: readonly string[]): ModelFile[] {
  return names.map((name) => {
    const model = ALL_MODELS.find((known) => known.name === name);
    if (model !== undefined) return model;
    throw new UsageError(`There is no model "${name}": ${ALL_MODELS.map((known) => known.name).join(', ')}.`);
  });
}

async function download(names: string[]): Promise<void> {
  const models = findModels(names);
  const { downloadModel } = await import('../../native-models/download-model.js');
  const interrupt = listenForInterrupt('Stopping …', 'Stopped before the download was complete.');
  try {
    for (const model of models) {
      printNote(`${model.name}: ${formatBytes(totalBytes(model))} …`);
      printLine(await downloadModel(model, { signal: interrupt.signal }));
    }
  } finally {
    interrupt.release();
  }
}

async function add(files: string[]): Promise<void> {
  const added = new Set<ModelFile>();
  for (const file of files) {
    const { model, path } = await installModelFile(file);
    printLine(`${model.name}: ${path}`);
    added.add(model);
  }
  for (const model of added) {
    const missing = missingFiles(model);
    if (missing.length > 0) printNote(`${model.name} also needs ${missing.join(', ')}`);
  }
}

export function addModelsCommand(program: Command): void {
  const models = program
    .command('models')
    .description('networks that help: list, download, add')
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action(list);
  models
    .command('download')
    .description('fetch networks by name and check them')
    .argument('<names...>', 'as "vantage models" lists them')
    .action(download);
  models
    .command('add')
    .description('take networks that you have as files into the folder')
    .argument('<files...>', '.onnx files and the weights beside them, recognised by their content')
    .action(add);
}
