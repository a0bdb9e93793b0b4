import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { MOTION_NAMES } from '../../../electron/ipc/contract.js';
import type { AppState, CommandRequest } from '../../../electron/ipc/contract.js';
import { sendCommand } from '../../app/send.js';
import { ChoiceField } from '../controls/choice-field.js';
import { NumberEntry } from '../controls/number-entry.js';
import { TickBox } from '../controls/tick-box.js';

const MEBIBYTE = 1024 * 1024;
const MIN_MEMORY_MB = 64;
const MAX_SEED = 0xffffffff;
const MOTION_WORDS = { free: 'motionFree', rays: 'motionRays', decoder: 'motionDecoder' } as const;

const FINDER_WORDS = {
  auto: 'finderAuto',
  akaze: 'finderAkaze',
  xfeat: 'finderXfeat',
  both: 'finderBoth',
  colmap: 'finderColmap',
} as const;

interface AdvancedSettingsProps {
  readonly state: AppState;
  readonly isDisabled: boolean;
}

export function AdvancedSettings({ state, isDisabled }: AdvancedSettingsProps): ReactElement {
  const { t } = useTranslation('run');
  const { settings, session } = state;
  const change = (changes: CommandRequest<'changeSettings'>): void => void sendCommand('changeSettings', changes);
  // What a project of another machine asks for is shown, also where this one lacks it.
  const finders = [...new Set([...session.cameraFinders, settings.cameraFinder])];
  const memoryMb = settings.memoryBytes === null ? null : Math.round(settings.memoryBytes / MEBIBYTE);
  return (
    <div className="advanced">
      <NumberEntry
        label={t('iterations')}
        value={settings.iterations}
        range={[0, 100_000]}
        isDisabled={isDisabled}
        onChange={(iterations) => change({ iterations })}
      />
      <NumberEntry
        label={t('maxSplats')}
        value={settings.maxSplats}
        range={[1000, 10_000_000]}
        isDisabled={isDisabled}
        onChange={(maxSplats) => change({ maxSplats })}
      />
      <NumberEntry
        label={t('memory')}
        value={memoryMb}
        range={[MIN_MEMORY_MB, Math.max(MIN_MEMORY_MB, Math.round(session.memoryBytes / MEBIBYTE))]}
        isDisabled={isDisabled}
        onChange={(value) => change({ memoryBytes: value === null ? null : value * MEBIBYTE })}
      />
      <NumberEntry
        label={t('threads')}
        value={settings.threads}
        range={[1, 64]}
        isDisabled={isDisabled}
        onChange={(threads) => change({ threads })}
      />
      <NumberEntry
        label={t('seed')}
        hint={t('seedHint')}
        value={settings.seed}
        range={[0, MAX_SEED]}
        mayBeEmpty={false}
        isDisabled={isDisabled}
        onChange={(seed) => change({ seed: seed ?? 0 })}
      />
      <ChoiceField
        label={t('motion')}
        isDisabled={isDisabled}
        value={settings.motion ?? 'auto'}
        choices={[
          { value: 'auto', name: t('motionAuto') },
          ...MOTION_NAMES.map((value) => ({ value, name: t(MOTION_WORDS[value]) })),
        ]}
        onChoose={(value) => change({ motion: value === 'auto' ? null : value })}
      />
      <ChoiceField
        label={t('depthModel')}
        isDisabled={isDisabled}
        value={settings.depthModel}
        choices={[
          { value: 'auto', name: t('depthAuto') },
          ...session.depthModels.map((name) => ({ value: name, name })),
          { value: 'none', name: t('depthNone') },
        ]}
        onChoose={(depthModel) => change({ depthModel })}
      />
      <ChoiceField
        label={t('cameraFinder')}
        hint={t('cameraFinderHint')}
        isDisabled={isDisabled}
        value={settings.cameraFinder}
        choices={finders.map((value) => ({ value, name: t(FINDER_WORDS[value]) }))}
        onChoose={(cameraFinder) => change({ cameraFinder })}
      />
      <TickBox
        label={t('refineCameras')}
        hint={t('refineCamerasHint')}
        isTicked={settings.refineCameras}
        isDisabled={isDisabled}
        onChange={(refineCameras) => change({ refineCameras })}
      />
      <TickBox
        label={t('exposure')}
        hint={t('exposureHint')}
        isTicked={settings.exposure}
        isDisabled={isDisabled}
        onChange={(exposure) => change({ exposure })}
      />
    </div>
  );
}
