/** What a run does to the cameras of its project before it begins; undone where nothing comes of it and an older scene still needs the others. */
import type { FoundCameras } from './found-cameras.js';
import { withFoundCameras } from './found-cameras.js';
import type { OpenProject, ProjectContent, ProjectPhoto, ProjectSensor } from './projects/project.js';
import type { ServiceContext } from './service-context.js';

type Before = Pick<ProjectContent, 'photos' | 'capture' | 'sensors' | 'scene'>;
type Parts = Pick<ServiceContext, 'session' | 'photos' | 'sensors' | 'estimator' | 'store' | 'notices'>;

export class CameraChange {
  /** null: the world of the cameras is the one that it was. */
  private before: Before | null = null;

  constructor(
    private readonly parts: Parts,
    private readonly project: OpenProject,
  ) {}

  /** Puts cameras, places of clouds and the cameras to come into the new world; a scene of the old one is not shown beside them any more. */
  async take(found: FoundCameras): Promise<void> {
    const { photos, capture, sensors, scene } = this.project.content;
    const after = withFoundCameras(this.project.content, found);
    const isMoved = photos.some(({ pose }, i) => pose !== null && !isSamePose(pose, after.photos[i]?.pose ?? null));
    if (isMoved) this.before = { photos, capture, sensors, scene };
    await this.change(isMoved ? { ...after, scene: null } : after);
    const lost = sensors.filter(
      ({ placement }, i) => placement?.by === 'picks' && after.sensors[i]?.placement?.by !== 'picks',
    );
    for (const { name } of lost)
      this.parts.notices.add({
        severity: 'info',
        message: `${name} is not placed by picked points any more: the cameras are new, and the points were picked among the others.`,
        hint: 'Pick them again, where the run does not place it.',
      });
  }

  /** The run has left nothing to see: with an older scene its cameras come back. Without one, what was found stays. */
  async takeBack(): Promise<void> {
    const { before, project } = this;
    this.before = null;
    if (before === null || before.scene === null || this.parts.session.current !== project) return;
    // There is something to go on from, in the new world.
    if (this.parts.store.current.run.checkpoint !== null) return;
    const photoById = new Map(before.photos.map((photo) => [photo.id, photo]));
    const sensorById = new Map(before.sensors.map((sensor) => [sensor.id, sensor]));
    await this.change({
      capture: before.capture,
      scene: before.scene,
      photos: project.content.photos.map((photo) => withCameraOf(photo, photoById.get(photo.id))),
      sensors: project.content.sensors.map((sensor) => withPlaceOf(sensor, sensorById.get(sensor.id))),
    });
  }

  private async change(content: Partial<ProjectContent>): Promise<void> {
    const { session, photos, sensors, estimator } = this.parts;
    await session.change(content);
    photos.set(this.project.content.photos);
    sensors.set(this.project.content);
    estimator.refresh();
  }
}

function isSamePose(a: NonNullable<ProjectPhoto['pose']>, b: ProjectPhoto['pose']): boolean {
  return JSON.stringify(a.camera.cameraFromWorld) === JSON.stringify(b?.camera.cameraFromWorld);
}

function withCameraOf(photo: ProjectPhoto, before: ProjectPhoto | undefined): ProjectPhoto {
  if (before === undefined) return photo;
  const { pose, shownCamera, outcome } = before;
  return { ...photo, pose, shownCamera, outcome };
}

function withPlaceOf(sensor: ProjectSensor, before: ProjectSensor | undefined): ProjectSensor {
  if (before === undefined) return sensor;
  const { placement, registration } = before;
  return { ...sensor, placement, registration };
}
