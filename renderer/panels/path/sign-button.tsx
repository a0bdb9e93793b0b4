/** Buttons of the path and tidy panels: a drawn sign, its name for screen readers, and both name and key in a tooltip. */
import type { ReactElement } from 'react';
import { Button, ToggleButton, Tooltip, TooltipTrigger } from 'react-aria-components';
import { useShortcutLabel } from '../controls/use-shortcut-label.js';
import type { Sign } from './signs.js';
import { SIGNS } from './signs.js';

interface SignButtonProps {
  readonly sign: Sign;
  readonly label: string;
  readonly onPress: () => void;
  readonly commandId?: string;
  readonly isDisabled?: boolean;
  /** Given: a button that is on or off. */
  readonly isOn?: boolean;
}

export function SignButton({
  sign,
  label,
  onPress,
  commandId,
  isDisabled = false,
  isOn,
}: SignButtonProps): ReactElement {
  const keys = useShortcutLabel(commandId);
  const picture = (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={SIGNS[sign]} />
    </svg>
  );
  const shared = { className: 'icon-button', 'aria-label': label, isDisabled };
  return (
    <TooltipTrigger delay={500}>
      {isOn === undefined ? (
        <Button {...shared} onPress={onPress}>
          {picture}
        </Button>
      ) : (
        <ToggleButton {...shared} isSelected={isOn} onChange={onPress}>
          {picture}
        </ToggleButton>
      )}
      <Tooltip className="tooltip" offset={6}>
        {keys === null ? label : `${label} (${keys})`}
      </Tooltip>
    </TooltipTrigger>
  );
}
