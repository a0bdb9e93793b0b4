import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Label, RadioButton, RadioField, RadioGroup } from 'react-aria-components';
import { PRESET_NAMES } from '../../../electron/ipc/contract.js';
import type { Settings } from '../../../electron/ipc/contract.js';
import { sendCommand } from '../../app/send.js';

const WORDS = {
  draft: ['presetDraft', 'presetDraftText'],
  standard: ['presetStandard', 'presetStandardText'],
  high: ['presetHigh', 'presetHighText'],
} as const;

interface PresetChoiceProps {
  readonly preset: Settings['preset'];
  readonly isDisabled: boolean;
}

export function PresetChoice({ preset, isDisabled }: PresetChoiceProps): ReactElement {
  const { t } = useTranslation('run');
  return (
    <RadioGroup
      className="field"
      value={preset}
      isDisabled={isDisabled}
      onChange={(value) => {
        const chosen = PRESET_NAMES.find((name) => name === value);
        if (chosen !== undefined) void sendCommand('changeSettings', { preset: chosen });
      }}
    >
      <Label className="field-label">{t('preset')}</Label>
      <div className="preset-list">
        {PRESET_NAMES.map((name) => (
          <RadioField key={name} value={name} className="preset-field">
            <RadioButton className="preset">
              <span className="preset-mark" />
              <span className="stack preset-words">
                <span className="preset-name">{t(WORDS[name][0])}</span>
                <span className="field-hint">{t(WORDS[name][1])}</span>
              </span>
            </RadioButton>
          </RadioField>
        ))}
      </div>
    </RadioGroup>
  );
}
