/** One of a few choices behind a button. */
import type { ReactElement } from 'react';
import { Button, Label, ListBox, ListBoxItem, Popover, Select, SelectValue, Text } from 'react-aria-components';
import { Icon } from './icons.js';

interface ChoiceFieldProps<T extends string> {
  readonly label: string;
  readonly hint?: string;
  readonly value: T;
  readonly choices: readonly { readonly value: T; readonly name: string }[];
  readonly onChoose: (value: T) => void;
  readonly isDisabled?: boolean;
}

export function ChoiceField<T extends string>(props: ChoiceFieldProps<T>): ReactElement {
  const { label, hint, value, choices, onChoose, isDisabled = false } = props;
  return (
    <Select
      className="field"
      value={value}
      isDisabled={isDisabled}
      onChange={(key) => {
        const chosen = choices.find((choice) => choice.value === key);
        if (chosen !== undefined) onChoose(chosen.value);
      }}
    >
      <Label className="field-label">{label}</Label>
      <Button className="select-button">
        <SelectValue className="ellipsis" />
        <Icon name="chevronDown" />
      </Button>
      {hint === undefined ? null : (
        <Text slot="description" className="field-hint">
          {hint}
        </Text>
      )}
      <Popover className="popover" offset={4}>
        <ListBox className="menu" items={choices.map(({ value: id, name }) => ({ id, name }))}>
          {({ id, name }) => (
            <ListBoxItem className="menu-item" id={id} textValue={name}>
              {({ isSelected }) => (
                <>
                  <span className="menu-check">{isSelected ? <Icon name="check" /> : null}</span>
                  <span>{name}</span>
                </>
              )}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </Select>
  );
}
