/** The photo that one stands in, as a texture over the rendering. */
import * as THREE from 'three';

export class PhotoPicture {
  private shown = 0;
  private url: string | null = null;
  private loaded: THREE.Texture | null = null;

  constructor(private readonly onChange: () => void) {}

  /** 0 shows nothing of it, 1 it alone. */
  get share(): number {
    return this.shown;
  }

  set share(share: number) {
    this.shown = Math.max(0, Math.min(1, share));
  }

  /** null until it has come. */
  get texture(): THREE.Texture | null {
    return this.loaded;
  }

  load(url: string | null): void {
    if (url === this.url) return;
    this.url = url;
    this.loaded?.dispose();
    this.loaded = null;
    if (url === null) return;
    new THREE.TextureLoader().load(url, (texture) => {
      if (this.url !== url) {
        texture.dispose();
        return;
      }
      texture.generateMipmaps = true;
      texture.minFilter = THREE.LinearMipmapLinearFilter;
      this.loaded = texture;
      this.onChange();
    });
  }

  dispose(): void {
    this.load(null);
  }
}
