// A signature on glass: strokes on a canvas, given as a PNG.

export function pad(canvas) {
  const drawing = canvas.getContext('2d');
  let last = null, strokes = 0;

  const clear = () => {
    drawing.fillStyle = '#fff';
    drawing.fillRect(0, 0, canvas.width, canvas.height);
    strokes = 0;
  };
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [ (event.clientX - box.left) * canvas.width / box.width, (event.clientY - box.top) * canvas.height / box.height ];
  };
  canvas.addEventListener('pointerdown', (event) => {
    canvas.setPointerCapture(event.pointerId);
    last = place(event);
    event.preventDefault();
  });
  canvas.addEventListener('pointermove', (event) => {
    if (!last) return;
    const now = place(event);
    drawing.lineWidth = 5;
    drawing.lineCap = drawing.lineJoin = 'round';
    drawing.strokeStyle = '#111';
    drawing.beginPath();
    drawing.moveTo(...last);
    drawing.lineTo(...now);
    drawing.stroke();
    last = now;
    strokes++;
  });
  for (const name of [ 'pointerup', 'pointercancel' ]) canvas.addEventListener(name, () => { last = null; });
  clear();
  return {
    clear,
    signed: () => strokes > 4,
    picture: () => new Promise((resolve) => canvas.toBlob(resolve, 'image/png'))
  };
}
