import { describe, expect, it } from 'vitest';
import { chooseRefinement } from '../../host/run/refinement-switch.js';

describe('switches of refinement', () => {
  it.each(['refineCameras', 'exposure'] as const)('%s: off by default; auto trusts cameras that were given', (name) => {
    const isOn = (choice: 'on' | 'off' | 'auto' | null, areCamerasFound: boolean): boolean => {
      const chosen = chooseRefinement({ ...(choice === null ? {} : { [name]: choice }), areCamerasFound });
      return name === 'exposure' ? chosen.adjustExposure : chosen.refineCameras;
    };
    expect([isOn(null, false), isOn(null, true)]).toEqual([false, false]);
    expect([isOn('auto', false), isOn('auto', true)]).toEqual([false, true]);
    expect([isOn('off', false), isOn('off', true)]).toEqual([false, false]);
    expect([isOn('on', false), isOn('on', true)]).toEqual([true, true]);
  });

  it('are apart', () => {
    expect(chooseRefinement({ exposure: 'on' })).toEqual({ refineCameras: false, adjustExposure: true });
    expect(chooseRefinement({ refineCameras: 'on' })).toEqual({ refineCameras: true, adjustExposure: false });
  });
});
