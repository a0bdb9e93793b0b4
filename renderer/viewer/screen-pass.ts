/** From the blended picture to the canvas: display modes, the photo that one stands in, and scaling up what was drawn smaller. */
import * as THREE from 'three';
import { depthTexels } from './color-scales.js';
import { scaleTexture } from './splat-layer.js';
import { SCREEN_FRAGMENT, SCREEN_VERTEX } from './splat-shaders.js';
import type { DisplayMode } from './viewer-contract.js';
import { DISPLAY_MODES } from './viewer-contract.js';
import type { Rectangle } from './view-geometry.js';

export class ScreenPass {
  private readonly scene = new THREE.Scene();
  private readonly camera = new THREE.Camera();
  private readonly material: THREE.ShaderMaterial;
  private readonly quad: THREE.Mesh;

  constructor() {
    const depthColors = scaleTexture(depthTexels(256));
    this.material = new THREE.ShaderMaterial({
      glslVersion: THREE.GLSL3,
      vertexShader: SCREEN_VERTEX,
      fragmentShader: SCREEN_FRAGMENT,
      depthTest: false,
      depthWrite: false,
      uniforms: {
        picture: { value: null },
        depthColors: { value: depthColors },
        photo: { value: depthColors },
        displayMode: { value: 0 },
        depthRange: { value: new THREE.Vector2(0, 1) },
        photoShare: { value: 0 },
        photoFrame: { value: new THREE.Vector4(0, 0, 1, 1) },
        hasFrame: { value: false },
        background: { value: new THREE.Vector4(0, 0, 0, 1) },
      },
    });
    this.quad = new THREE.Mesh(new THREE.PlaneGeometry(2, 2), this.material);
    this.quad.frustumCulled = false;
    this.scene.add(this.quad);
  }

  setDisplay(mode: DisplayMode): void {
    this.set('displayMode', DISPLAY_MODES.indexOf(mode));
  }

  setBackground(red: number, green: number, blue: number): void {
    (this.value('background') as THREE.Vector4).set(red, green, blue, 1);
  }

  /** In the unit of what the splats' pass has written. */
  setDepthRange(near: number, far: number): void {
    (this.value('depthRange') as THREE.Vector2).set(near, far);
  }

  /** null: no letterbox. `frame` in the canvas's pixels, origin at the top left. */
  setFrame(frame: Rectangle | null, width: number, height: number): void {
    this.set('hasFrame', frame !== null);
    if (frame === null) return;
    (this.value('photoFrame') as THREE.Vector4).set(
      frame.left / width,
      1 - (frame.top + frame.height) / height,
      frame.width / width,
      frame.height / height,
    );
  }

  setPhoto(photo: THREE.Texture | null, share: number): void {
    if (photo !== null) this.set('photo', photo);
    this.set('photoShare', photo === null ? 0 : share);
  }

  draw(renderer: THREE.WebGLRenderer, picture: THREE.Texture): void {
    this.set('picture', picture);
    renderer.render(this.scene, this.camera);
  }

  dispose(): void {
    (this.value('depthColors') as THREE.Texture).dispose();
    this.quad.geometry.dispose();
    this.material.dispose();
  }

  private value(name: string): unknown {
    return this.material.uniforms[name]?.value;
  }

  private set(name: string, value: unknown): void {
    const uniform = this.material.uniforms[name];
    if (uniform !== undefined) uniform.value = value;
  }
}
