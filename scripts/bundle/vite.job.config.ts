import { nodeTarget } from './node-target.js';

/** The process that runs the pipeline. */
export default nodeTarget('job-main', 'electron/jobs/job-main.ts');
