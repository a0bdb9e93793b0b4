import type { ReactElement } from 'react';
import { ProgressBar } from 'react-aria-components';

interface ProgressProps {
  readonly label: string;
  /** 0..1; null: not known how far. */
  readonly fraction: number | null;
  readonly valueText?: string;
}

export function Progress({ label, fraction, valueText }: ProgressProps): ReactElement {
  const value = Math.min(1, Math.max(0, fraction ?? 0));
  return (
    <ProgressBar
      className="progress"
      aria-label={label}
      value={value * 100}
      isIndeterminate={fraction === null}
      {...(valueText === undefined ? {} : { valueLabel: valueText })}
    >
      <div className="progress-track">
        <div className="progress-fill" style={{ transform: `scaleX(${value})` }} />
      </div>
    </ProgressBar>
  );
}
