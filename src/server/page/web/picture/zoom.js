// Zooms a picture and moves it: with a finger or two, the mouse and the keyboard.

import { isForBrowser } from '../common/dom.js';
import { isShownByBrowsers } from '../viewer/rendition.js';

// How far a picture can be zoomed beyond one pixel of it for one of the page.
const BEYOND = 4;
// What a double tap on a small picture does.
const TWICE = 2;
const STEP = 1.5;
// How far the arrow keys move it, and how far a finger may stray while it taps.
const MOVE = 80;
const STRAY = 8;
const DOUBLE_TAP_MS = 350;

/** The zoom of one picture. Its place is that of its middle, from the middle of the stage. */
export class Zoom {
  constructor(entry, image, stage, signal) {
    Object.assign(this, { entry, image, stage, signal });
    this.scale = 1;
    this.x = 0;
    this.y = 0;
    /** Where each finger, or the mouse, is. */
    this.pointers = new Map();
    this.lastTap = { time: 0, x: 0, y: 0 };
  }

  get isZoomed() {
    return this.scale > 1.001;
  }

  /** The scale at which a pixel of the picture is one of the page. */
  get full() {
    return this.image.naturalWidth / (parseFloat(getComputedStyle(this.image).width) || 1);
  }

  listen() {
    const { stage, image, signal } = this;
    const options = { signal };
    stage.classList.add('zoomable');
    image.draggable = false;
    stage.addEventListener('pointerdown', (event) => this.down(event), options);
    stage.addEventListener('pointermove', (event) => this.move(event), options);
    for (const name of ['pointerup', 'pointercancel'])
      stage.addEventListener(name, (event) => this.up(event), options);
    stage.addEventListener('click', (event) => this.click(event), options);
    stage.addEventListener('wheel', (event) => this.wheel(event), { signal, passive: false });
    // Before the viewer, which takes arrow keys for the next picture.
    stage
      .closest('dialog')
      .addEventListener('keydown', (event) => this.key(event), { signal, capture: true });
    const size = new ResizeObserver(() => this.set(this.scale, this.x, this.y));
    size.observe(stage);
    signal.addEventListener('abort', () => {
      size.disconnect();
      stage.classList.remove('zoomable', 'zoomed', 'moving');
    });
  }

  /** Zooms, and keeps what is at a point of the window in its place. */
  zoomAt(scale, point) {
    const { left, top, width, height } = this.stage.getBoundingClientRect();
    const wanted = Math.min(Math.max(scale, 1), Math.max(this.full * BEYOND, BEYOND));
    const x = (point?.x ?? left + width / 2) - left - width / 2;
    const y = (point?.y ?? top + height / 2) - top - height / 2;
    const by = wanted / this.scale;
    this.set(wanted, x + (this.x - x) * by, y + (this.y - y) * by);
  }

  /** Moves the picture, but never out of sight. */
  set(scale, x, y) {
    const { image, stage } = this;
    const roomX = Math.max((image.offsetWidth * scale - stage.clientWidth) / 2, 0);
    const roomY = Math.max((image.offsetHeight * scale - stage.clientHeight) / 2, 0);
    this.scale = scale;
    this.x = Math.min(Math.max(x, -roomX), roomX);
    this.y = Math.min(Math.max(y, -roomY), roomY);
    image.style.transform = this.isZoomed ? `translate(${this.x}px,${this.y}px) scale(${this.scale})` : '';
    stage.classList.toggle('zoomed', this.isZoomed);
    this.sharpen();
  }

  /** Between the whole picture and its full size. */
  toggle(point) {
    this.zoomAt(this.isZoomed ? 1 : this.full > 1.05 ? this.full : TWICE, point);
  }

  /** Loads the picture itself where the one made for the screen has too few pixels. */
  sharpen() {
    const { image, entry, signal } = this;
    if (this.original || !image.classList.contains('rendition') || !isShownByBrowsers(entry)) return;
    if (image.offsetWidth * this.scale * devicePixelRatio < image.naturalWidth * 1.1 || !this.isZoomed)
      return;
    this.original = new Image();
    this.original.src = entry.url;
    this.original.decode().then(
      () => {
        if (!signal.aborted) image.src = entry.url;
      },
      () => {},
    );
    signal.addEventListener('abort', () => {
      if (!this.original.complete) this.original.src = '';
    });
  }

  down(event) {
    if (event.pointerType === 'mouse' && isForBrowser(event)) return;
    if (event.target.closest('button, a')) return;
    this.isMouse = event.pointerType === 'mouse';
    this.pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    this.strayed = this.pointers.size > 1 ? Infinity : 0;
    // Moves beyond the stage count, too.
    this.stage.setPointerCapture(event.pointerId);
  }

  move(event) {
    const { pointers } = this;
    const before = pointers.get(event.pointerId);
    if (!before) return;
    const now = { x: event.clientX, y: event.clientY };
    const [middle, spread] = this.spread();
    pointers.set(event.pointerId, now);
    const [newMiddle, newSpread] = this.spread();
    this.strayed += Math.hypot(now.x - before.x, now.y - before.y);
    if (pointers.size === 2 && spread > 0) {
      this.zoomAt((this.scale * newSpread) / spread, middle);
    }
    if (!this.isZoomed || (this.strayed < STRAY && event.pointerType !== 'mouse')) return;
    this.stage.classList.add('moving');
    this.set(this.scale, this.x + newMiddle.x - middle.x, this.y + newMiddle.y - middle.y);
  }

  /** Where the fingers are, and how far from each other. */
  spread() {
    const [a, b = a] = this.pointers.values();
    return [{ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 }, Math.hypot(a.x - b.x, a.y - b.y)];
  }

  up(event) {
    if (!this.pointers.delete(event.pointerId)) return;
    this.stage.classList.remove('moving');
    if (event.type === 'pointercancel' || this.pointers.size || this.strayed > STRAY) return;
    // A mouse needs one click only.
    if (event.pointerType === 'mouse') return;
    const point = { x: event.clientX, y: event.clientY };
    const before = this.lastTap;
    const isDouble =
      event.timeStamp - before.time < DOUBLE_TAP_MS &&
      Math.hypot(point.x - before.x, point.y - before.y) < 40;
    this.lastTap = { time: isDouble ? 0 : event.timeStamp, ...point };
    if (isDouble) this.toggle(point);
  }

  click(event) {
    // The second one of a double click changes nothing.
    if (this.isMouse && this.strayed <= STRAY && event.detail < 2)
      this.toggle({ x: event.clientX, y: event.clientY });
  }

  wheel(event) {
    event.preventDefault();
    const pixels = event.deltaY * [1, 30, 300][event.deltaMode];
    // Two fingers on a touchpad move it; apart, they come as a wheel with Ctrl.
    this.zoomAt(this.scale * Math.exp(-pixels * (event.ctrlKey ? 0.01 : 0.002)), {
      x: event.clientX,
      y: event.clientY,
    });
  }

  key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const { scale, x, y } = this;
    const act = {
      '+': () => this.zoomAt(scale * STEP),
      '=': () => this.zoomAt(scale * STEP),
      '-': () => this.zoomAt(scale / STEP),
      0: () => this.zoomAt(1),
      Enter: event.target === this.stage && (() => this.toggle()),
      ...(this.isZoomed &&
        !event.shiftKey && {
          ArrowLeft: () => this.set(scale, x + MOVE, y),
          ArrowRight: () => this.set(scale, x - MOVE, y),
          ArrowUp: () => this.set(scale, x, y + MOVE),
          ArrowDown: () => this.set(scale, x, y - MOVE),
        }),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    act();
  }
}
