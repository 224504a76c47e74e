'use strict';
(() => {
  const root = document.documentElement, list = document.getElementById('cases');
  if (!list) return;
  root.classList.add('js');
  const cases = [...list.querySelectorAll('.case')];
  const search = document.getElementById('search'), show = document.getElementById('show');
  const sort = document.getElementById('sort'), shown = document.getElementById('shown');
  const text = new Map(cases.map(c => [c, c.textContent.toLowerCase()]));
  const apply = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let n = 0;
    for (const c of cases) {
      const hit = (show.value === 'all' || (show.value === 'bad') === !c.classList.contains('pass')) &&
        words.every(w => text.get(c).includes(w));
      c.hidden = !hit;
      n += hit;
    }
    shown.textContent = n + ' of ' + cases.length + ' shown';
  };
  const order = () => {
    const [key, sign] = sort.value.split(' ');
    const of = c => { const v = c.dataset[key]; return v === undefined || v === '' ? NaN : Number(v); };
    const by = (a, b) => {
      const x = of(a), y = of(b);
      if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) - Number.isNaN(y);
      return (x - y) * Number(sign);
    };
    cases.sort(by);
    list.append(...cases);
  };
  search.addEventListener('input', apply);
  show.addEventListener('change', apply);
  sort.addEventListener('change', order);
  addEventListener('keydown', e => {
    if (e.key === '/' && document.activeElement !== search) { e.preventDefault(); search.focus(); }
  });
  const open = () => {
    const c = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (c && c.classList.contains('case')) { c.hidden = false; c.open = true; c.scrollIntoView(); }
  };
  addEventListener('hashchange', open);
  apply();
  open();
})();
