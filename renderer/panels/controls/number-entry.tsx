/** A whole number, or nothing where the engine shall choose. Written to the host when the field is left or Enter is pressed. */
import { useState } from 'react';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { FieldError, Input, Label, Text, TextField } from 'react-aria-components';
import { parseWholeNumber } from './parse-whole-number.js';

interface NumberEntryProps {
  readonly label: string;
  readonly hint?: string;
  readonly value: number | null;
  readonly range: readonly [min: number, max: number];
  readonly onChange: (value: number | null) => void;
  /** false: an empty field is an error. */
  readonly mayBeEmpty?: boolean;
  readonly isDisabled?: boolean;
}

export function NumberEntry(props: NumberEntryProps): ReactElement {
  const { label, hint, value, range, onChange, mayBeEmpty = true, isDisabled = false } = props;
  const { t } = useTranslation('run');
  /** What is being typed; null: the host's value is shown. */
  const [draft, setDraft] = useState<string | null>(null);
  const shown = draft ?? (value === null ? '' : String(value));
  const parsed = parseWholeNumber(shown, range);
  const isInvalid = parsed === 'invalid' || (parsed === null && !mayBeEmpty);
  const finish = (): void => {
    if (draft === null || isInvalid) return;
    if (parsed !== value) onChange(parsed);
    setDraft(null);
  };
  return (
    <TextField
      className="field"
      value={shown}
      isInvalid={isInvalid}
      isDisabled={isDisabled}
      onChange={setDraft}
      onBlur={finish}
      onKeyDown={(event) => {
        if (event.key === 'Enter') finish();
        if (event.key === 'Escape') setDraft(null);
      }}
    >
      <Label className="field-label">{label}</Label>
      <Input className="input numeric" inputMode="numeric" placeholder={mayBeEmpty ? t('auto') : ''} />
      {hint === undefined ? null : (
        <Text slot="description" className="field-hint">
          {hint}
        </Text>
      )}
      <FieldError className="field-error">{t('invalid', { min: range[0], max: range[1] })}</FieldError>
    </TextField>
  );
}
