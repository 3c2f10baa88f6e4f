import { type CheckReport, defineCheck, type ImageUnderScan, type Inspection } from './check.js';
import { Findings } from './findings.js';
import { ImageConfigSettings } from './image-config.settings.js';
import { judgeImageConfig } from './judge-image-config.js';

/** What an image says of itself: as whom it runs, what it exposes, its labels, age, size and base. */
export const imageConfigCheck = defineCheck({
  kind: 'image-config',
  settings: ImageConfigSettings,
  prepare: (settings) => () => new ImageConfigInspection(settings),
});

class ImageConfigInspection implements Inspection {
  private readonly findings = new Findings();
  private judged = false;

  constructor(private readonly settings: ImageConfigSettings) {}

  config(image: ImageUnderScan): void {
    this.judged = true;
    const layer = image.descriptor.digest;
    for (const finding of judgeImageConfig(this.settings, image, new Date())) {
      this.findings.add({ ...finding, layer });
    }
  }

  report(): CheckReport {
    return this.findings.report({ judged: this.judged });
  }
}
