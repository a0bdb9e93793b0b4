/** A button that shows a sign only: its name is said to screen readers and shown in a tooltip, with the key that does the same. */
import type { ReactElement } from 'react';
import { Button, Tooltip, TooltipTrigger } from 'react-aria-components';
import { useShortcutLabel } from './use-shortcut-label.js';
import { Icon } from './icons.js';
import type { IconName } from './icons.js';

interface IconButtonProps {
  readonly icon: IconName;
  readonly label: string;
  readonly onPress: () => void;
  /** Whose key the tooltip shows. */
  readonly commandId?: string;
  readonly isDisabled?: boolean;
  readonly isSmall?: boolean;
}

export function IconButton(props: IconButtonProps): ReactElement {
  const { icon, label, onPress, commandId, isDisabled = false, isSmall = false } = props;
  const keys = useShortcutLabel(commandId);
  return (
    <TooltipTrigger delay={500}>
      <Button
        className={isSmall ? 'icon-button icon-button-small' : 'icon-button'}
        aria-label={label}
        isDisabled={isDisabled}
        onPress={onPress}
      >
        <Icon name={icon} />
      </Button>
      <Tooltip className="tooltip" offset={6}>
        {keys === null ? label : `${label} (${keys})`}
      </Tooltip>
    </TooltipTrigger>
  );
}
