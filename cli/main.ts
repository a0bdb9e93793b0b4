import { Command, CommanderError } from 'commander';
import { VANTAGE_VERSION } from '../host/machine.js';
import { addConvertCommand } from './commands/convert.js';
import { addDepthCommand } from './commands/depth.js';
import { addDoctorCommand } from './commands/doctor.js';
import { addEvaluateCommand } from './commands/evaluate.js';
import { addInfoCommand } from './commands/info.js';
import { addModelsCommand } from './commands/models.js';
import { addPosesCommand } from './commands/poses.js';
import { addReconstructCommand } from './commands/reconstruct.js';
import { addRenderCommand } from './commands/render.js';
import { addSampleCommand } from './commands/sample.js';
import type { ExitCode } from './exit-codes.js';
import { describeError, EXIT_BAD_USAGE, EXIT_DONE, exitCodeOf } from './exit-codes.js';
import { printJsonLine, tolerateClosedPipes } from './terminal.js';

const OVERVIEW = `
A <capture> is a folder with photos and their cameras, or the file with the cameras (reconstruct also takes photos alone):
  COLMAP (binary or text), transforms.json (nerfstudio, instant-ngp), poses_bounds.npy (LLFF), *_par.txt (Middlebury).
A LIST names views by 0-based index in sorted order or by file name: 0,2,5 or 0001.jpg,0005.jpg

Examples:
  vantage sample                                       try it: the bundled capture, into ./out
  vantage info my-capture                              what is in there?
  vantage poses my-photos -o my-photos                 photos without cameras: find them
  vantage reconstruct my-capture -o out/scene.ply      photos in, splats out
  vantage reconstruct my-capture -o out/scene.ply --preset draft --hold-out every:8
  vantage render out/scene.ply --capture my-capture -o out/views --depth
  vantage evaluate out/scene.ply --capture my-capture --views 0,8,16
  vantage depth photo.jpg --lidar cloud.bin --calibration calib.txt -o out/depth
  vantage convert out/scene.ply out/scene.html         a viewer and the scene in one page

Exit codes: 0 done, 2 bad usage, 3 bad input, 4 failed run.`;

function buildProgram(): Command {
  const program = new Command('vantage')
    .description('A few photos in, a 3D Gaussian splat scene out.')
    .version(VANTAGE_VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .addHelpText('after', OVERVIEW)
    .showSuggestionAfterError(true)
    .exitOverride();
  addReconstructCommand(program);
  addPosesCommand(program);
  addRenderCommand(program);
  addEvaluateCommand(program);
  addDepthCommand(program);
  addInfoCommand(program);
  addConvertCommand(program);
  addDoctorCommand(program);
  addModelsCommand(program);
  addSampleCommand(program);
  return program;
}

/** Runs the command line and returns the exit code. */
export async function main(args: readonly string[]): Promise<ExitCode> {
  tolerateClosedPipes();
  const program = buildProgram();
  if (args.length === 0) {
    program.outputHelp({ error: true });
    return EXIT_BAD_USAGE;
  }
  try {
    await program.parseAsync(args, { from: 'user' });
    return EXIT_DONE;
  } catch (error) {
    const exitCode = exitCodeOf(error);
    if (exitCode === EXIT_DONE) return exitCode;
    const message = describeError(error);
    // Commander has printed its own complaints already.
    if (!(error instanceof CommanderError)) process.stderr.write(`error: ${message}\n`);
    if (exitCode === EXIT_BAD_USAGE)
      process.stderr.write('Run "vantage --help" or "vantage COMMAND --help" for examples.\n');
    if (args.includes('--json')) printJsonLine({ type: 'error', exitCode, message });
    return exitCode;
  }
}
