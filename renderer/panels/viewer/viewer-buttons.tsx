/** Buttons of the viewer's toolbars: a sign, a name, and the key that does the same. */
import type { ReactElement } from 'react';
import { Button, ToggleButton, Tooltip, TooltipTrigger } from 'react-aria-components';
import { useShortcutLabel } from '../controls/use-shortcut-label.js';
import type { ViewerIconName } from './viewer-icons.js';
import { ViewerIcon } from './viewer-icons.js';

interface ActionProps {
  readonly icon: ViewerIconName;
  readonly label: string;
  readonly onPress: () => void;
  readonly commandId?: string;
  readonly isDisabled?: boolean;
}

export function ActionButton({ icon, label, onPress, commandId, isDisabled = false }: ActionProps): ReactElement {
  return (
    <TooltipTrigger delay={500}>
      <Button className="icon-button" aria-label={label} isDisabled={isDisabled} onPress={onPress}>
        <ViewerIcon name={icon} />
      </Button>
      <Hint label={label} commandId={commandId} />
    </TooltipTrigger>
  );
}

interface SwitchProps extends ActionProps {
  readonly isOn: boolean;
}

/** Stays pressed while it is on. */
export function SwitchButton({ icon, label, onPress, commandId, isOn, isDisabled = false }: SwitchProps): ReactElement {
  return (
    <TooltipTrigger delay={500}>
      <ToggleButton
        className="icon-button"
        aria-label={label}
        isSelected={isOn}
        isDisabled={isDisabled}
        onChange={onPress}
      >
        <ViewerIcon name={icon} />
      </ToggleButton>
      <Hint label={label} commandId={commandId} />
    </TooltipTrigger>
  );
}

function Hint({ label, commandId }: { readonly label: string; readonly commandId: string | undefined }): ReactElement {
  const keys = useShortcutLabel(commandId);
  return (
    <Tooltip className="tooltip" offset={6}>
      {keys === null ? label : `${label} (${keys})`}
    </Tooltip>
  );
}
