import { createReferenceBackend } from '../../engine/splatting/reference/reference-backend.js';
import { describeBehaviour } from './describe-behaviour.js';
import { describeSavedState } from './describe-saved-state.js';

const backend = createReferenceBackend();
describeBehaviour('reference', () => backend);
describeSavedState('reference', () => backend);
