// The page of one picture: enlarge, fit, turn. Without script it is the picture in its frame.

const STEPS = [ 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4 ];

function start(stage) {
  const picture = stage.querySelector('img');
  const tools = document.querySelector('[data-viewer-tools]');
  const said = document.querySelector('[data-viewer-state]');
  let zoom = 0; // 0: fits the window
  let turn = 0;

  const show = () => {
    const width = picture.naturalWidth, height = picture.naturalHeight;
    const aside = turn % 180 !== 0;
    const frame = stage.clientWidth - 2;
    const whole = Math.min(1, frame / (aside ? height : width), aside ? frame / width : 1);
    const scale = zoom || whole;
    stage.classList.toggle('is-zoomed', zoom > 0);
    picture.style.width = `${Math.round(width * scale)}px`;
    picture.style.rotate = `${turn}deg`;
    // turned on its side a picture takes the room of its other measure
    const more = aside ? (width - height) * scale / 2 : 0;
    picture.style.margin = aside ? `${Math.round(more)}px ${Math.round(-more)}px` : '';
    said.textContent = `${zoom ? `${Math.round(zoom * 100)}%` : '适合窗口'}${turn ? `，旋转 ${turn} 度` : ''}`;
    return scale;
  };
  const by = (direction) => {
    const now = show();
    const further = direction > 0 ? STEPS.find((step) => step > now + 0.01) : STEPS.findLast((step) => step < now - 0.01);
    zoom = further || zoom || now;
    show();
  };
  const act = {
    in: () => by(1), out: () => by(-1), fit: () => { zoom = 0; show(); },
    left: () => { turn = (turn + 270) % 360; show(); }, right: () => { turn = (turn + 90) % 360; show(); }
  };
  tools.hidden = false;
  tools.addEventListener('click', (event) => {
    const button = event.target.closest('[data-zoom], [data-turn]');
    if (button) act[button.dataset.zoom || button.dataset.turn]();
  });
  stage.addEventListener('keydown', (event) => {
    const name = { '+': 'in', '=': 'in', '-': 'out', 0: 'fit', '[': 'left', ']': 'right' }[event.key];
    if (!name || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    act[name]();
  });
  if (picture.complete && picture.naturalWidth) show();
  else picture.addEventListener('load', show, { once: true });
  window.addEventListener('resize', () => zoom || show());
}

const stage = document.querySelector('[data-viewer]');
if (stage) start(stage);
