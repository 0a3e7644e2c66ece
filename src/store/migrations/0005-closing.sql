-- A hotline that lets go who waits after closing time knows since when it is closed. Where that is not known, it is looked at anew.
UPDATE desks SET desk = json_set(desk, '$.closing', json('{"kind":"unwatched"}'))
  WHERE desk ->> '$.closing.kind' = 'released';
