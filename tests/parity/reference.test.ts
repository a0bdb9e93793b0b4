import { createReferenceBackend } from '../../engine/splatting/reference/reference-backend.js';
import { describeBehaviour } from './describe-behaviour.js';

const backend = createReferenceBackend();
describeBehaviour('reference', () => backend);
