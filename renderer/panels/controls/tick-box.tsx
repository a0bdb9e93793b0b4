import type { ReactElement } from 'react';
import { CheckboxButton, CheckboxField } from 'react-aria-components';
import { Icon } from './icons.js';

interface TickBoxProps {
  readonly label: string;
  readonly hint?: string;
  readonly isTicked: boolean;
  readonly onChange: (ticked: boolean) => void;
  readonly isDisabled?: boolean;
}

export function TickBox({ label, hint, isTicked, onChange, isDisabled = false }: TickBoxProps): ReactElement {
  return (
    <CheckboxField isSelected={isTicked} onChange={onChange} isDisabled={isDisabled}>
      <CheckboxButton className="checkbox">
        <span className="checkbox-box">
          <Icon name="check" />
        </span>
        <span>
          {label}
          {hint === undefined ? null : <span className="field-hint tick-box-hint">{hint}</span>}
        </span>
      </CheckboxButton>
    </CheckboxField>
  );
}
