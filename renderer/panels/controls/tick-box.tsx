import type { ReactElement } from 'react';
import { Checkbox } from 'react-aria-components';
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
    <Checkbox className="checkbox" isSelected={isTicked} onChange={onChange} isDisabled={isDisabled}>
      <span className="checkbox-box">
        <Icon name="check" />
      </span>
      <span>
        {label}
        {hint === undefined ? null : <span className="field-hint tick-box-hint">{hint}</span>}
      </span>
    </Checkbox>
  );
}
