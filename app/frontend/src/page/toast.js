// Messages that need no act go away by themselves, but not while they are read or pointed at.
const STAY = 8000;

export function installToasts(document) {
  const watch = () => {
    for (const toast of document.querySelectorAll('[data-toast]:not([data-watched])')) {
      toast.dataset.watched = '';
      let timer = setTimeout(() => toast.remove(), STAY);
      const hold = () => clearTimeout(timer);
      const release = () => {
        timer = setTimeout(() => toast.remove(), STAY / 2);
      };
      toast.addEventListener('pointerenter', hold);
      toast.addEventListener('focusin', hold);
      toast.addEventListener('pointerleave', release);
      toast.addEventListener('focusout', release);
    }
  };
  document.addEventListener('htmx:after:swap', watch);
  document.addEventListener('click', (event) => event.target.closest?.('[data-toast-close]')?.closest('[data-toast]')?.remove());
  watch();
}
