import type { Command } from 'commander';
import { Option } from 'commander';
import { parseIterations, parseSeed, parseThreads } from '../arguments.js';
import type { SampleOptions } from '../run-sample.js';
import { AUTOMATIC_DEPTH_MODEL, BACKEND_CHOICES } from '../../host/run/compose.js';

/** Keeps the whole command well below three minutes on two cores. */
const SAMPLE_ITERATIONS = 250;

const EXAMPLES = `
Five pictures of a modelled scene are trained on; three more, which training never sees, show how good the result is.
Writes sample.ply, sample.png (held-out views beside the truth, and views from where no camera stood) and sample.json.

Examples:
  vantage sample
  vantage sample --preset draft -o /tmp/sample`;

async function sample(options: SampleOptions): Promise<void> {
  const { runSample } = await import('../run-sample.js');
  await runSample(options);
}

export function addSampleCommand(program: Command): void {
  program
    .command('sample')
    .description('reconstruct the bundled sample capture, to see what to expect')
    .option('-o, --output <DIR>', 'folder for the results', 'out')
    .addOption(
      new Option('--preset <NAME>', 'how much work to put in')
        .choices(['draft', 'standard', 'high'])
        .default('standard'),
    )
    .option('--iterations <N>', 'optimisation steps', parseIterations, SAMPLE_ITERATIONS)
    .addOption(new Option('--backend <NAME>', 'what computes').choices(BACKEND_CHOICES).default('auto'))
    .option('--threads <N>', 'threads to use (default: all cores)', parseThreads)
    .option('--seed <S>', 'same seed and threads, same result', parseSeed, 1)
    .option('--depth-model <NAME|PATH|none>', 'depth network, see reconstruct', AUTOMATIC_DEPTH_MODEL)
    .option('--json', 'print one JSON event a line')
    .addHelpText('after', EXAMPLES)
    .action(sample);
}
