// The loss against the characters read, on a canvas that is drawn again at most once a frame.

/** The most points of the curve, so that drawing stays quick however long the training. */
const MOST = 800;

const LEFT = 40;
const RIGHT = 18;
const TOP = 28;
const BOTTOM = 42;

const compact = new Intl.NumberFormat("en", { notation: "compact" });

/** @typedef {{ characters: number, loss: number }} Point */

export class Chart {
  /** @type {HTMLCanvasElement} */
  #canvas;
  /** @type {CanvasRenderingContext2D} */
  #context;
  /** @type {number | undefined} */
  #reference;
  /** @type {(Point & { count: number })[]} */
  #curve = [];
  /** @type {Point[]} */
  #heldOut = [];
  /** How many losses become one point of the curve. */
  #share = 1;
  #waiting = false;

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.#canvas = canvas;
    this.#context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    new ResizeObserver(() => this.#redraw()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#redraw());
  }

  /** A loss that is drawn as a line across. @param {number | undefined} loss */
  set reference(loss) {
    this.#reference = loss;
    this.#redraw();
  }

  clear() {
    this.#curve = [];
    this.#heldOut = [];
    this.#share = 1;
    this.#redraw();
  }

  /** @param {Point} point */
  addTraining({ characters, loss }) {
    const last = this.#curve.at(-1);
    if (last && last.count < this.#share) {
      last.characters = characters;
      last.loss += (loss - last.loss) / ++last.count;
    } else {
      this.#curve.push({ characters, loss, count: 1 });
    }
    if (this.#curve.length > MOST) this.#halve();
    this.#redraw();
  }

  /** @param {Point} point */
  addHeldOut(point) {
    this.#heldOut.push(point);
    this.#redraw();
  }

  /** Makes one point of every two. */
  #halve() {
    this.#share *= 2;
    this.#curve = this.#curve.flatMap((point, index, all) => {
      const after = all[index + 1];
      if (index % 2 === 1) return [];
      return after ? { ...after, loss: (point.loss + after.loss) / 2, count: this.#share } : point;
    });
  }

  #redraw() {
    if (this.#waiting) return;
    this.#waiting = true;
    requestAnimationFrame(() => {
      this.#waiting = false;
      this.#draw();
    });
  }

  #draw() {
    const canvas = this.#canvas;
    const context = this.#context;
    const { clientWidth: width, clientHeight: height } = canvas;
    const style = getComputedStyle(canvas);
    /** @param {string} name */
    const colour = (name) => style.getPropertyValue(`--${name}`);

    const losses = [...this.#curve, ...this.#heldOut].map(({ loss }) => loss);
    const lowest = Math.floor(Math.min(1, ...losses));
    const highest = Math.ceil(Math.max(5, ...losses));
    const most = Math.max(1e5, this.#curve.at(-1)?.characters ?? 0);
    /** @param {number} characters */
    const x = (characters) => LEFT + ((width - LEFT - RIGHT) * characters) / most;
    /** @param {number} loss */
    const y = (loss) => TOP + ((height - TOP - BOTTOM) * (highest - loss)) / (highest - lowest);
    /** @param {(readonly [number, number])[]} points */
    const line = (...points) => {
      context.beginPath();
      for (const point of points) context.lineTo(...point);
      context.stroke();
    };

    const ratio = devicePixelRatio;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    context.scale(ratio, ratio);
    context.font = `12px ${style.fontFamily}`;
    context.lineJoin = "round";

    context.fillStyle = colour("quiet");
    context.strokeStyle = colour("line");
    context.textAlign = "left";
    context.fillText("Loss (nats per character)", 0, 12);
    context.textAlign = "right";
    context.fillText("Characters read", width - RIGHT, height - 4);
    for (const loss of ticks(highest - lowest, height / 60).map((tick) => tick + lowest)) {
      line([LEFT, y(loss)], [width - RIGHT, y(loss)]);
      context.fillText(loss.toFixed(1), LEFT - 10, y(loss) + 4);
    }
    context.textAlign = "center";
    for (const characters of ticks(most, width / 100))
      context.fillText(compact.format(characters), x(characters), height - BOTTOM + 18);

    if (this.#reference !== undefined) {
      context.lineWidth = 1.5;
      context.strokeStyle = colour("quiet");
      context.setLineDash([5, 5]);
      line([LEFT, y(this.#reference)], [width - RIGHT, y(this.#reference)]);
      context.setLineDash([]);
    }

    context.lineWidth = 2;
    context.strokeStyle = colour("accent");
    line(...this.#curve.map(({ characters, loss }) => /** @type {const} */ ([x(characters), y(loss)])));

    for (const { characters, loss } of this.#heldOut) {
      context.beginPath();
      context.arc(x(characters), y(loss), 4, 0, 2 * Math.PI);
      context.fillStyle = colour("warm");
      context.fill();
      context.lineWidth = 1.5;
      context.strokeStyle = colour("paper");
      context.stroke();
    }
  }
}

/**
 * Round numbers from 0 to `end`, about `count` of them.
 *
 * @param {number} end
 * @param {number} count
 */
function ticks(end, count) {
  const rough = end / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
  return Array.from({ length: Math.floor(end / step) + 1 }, (_, index) => index * step);
}
