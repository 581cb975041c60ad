-- The per cent (1-100) in which a user id falls: what unleash-client computes in normalizedStrategyValue(id, groupId),
-- so that a document's cohort and the flags its owner sees cannot disagree. It is MurmurHash3 (x86, 32 bits, seed 0) of
-- `group:id` over the low byte of each UTF-16 code unit, for that is what murmurhash3js 3.0.1 hashes: beyond Latin-1 it
-- is not the hash of the UTF-8 bytes, and an astral character counts as the two units of its surrogate pair.
-- Constants are the algorithm's as signed 32-bit numbers: 32 bits times 31 bits stay within a bigint.
create function dualpath.bucket(id text, group_id text) returns integer
language plpgsql immutable strict parallel safe as $$
declare
  mask constant bigint := 4294967295;
  key constant text := group_id || ':' || id;
  units bytea := convert_to(key, 'UTF8');
  length integer := octet_length(units);
  tail integer;
  h bigint := 0;
  k bigint;
begin
  if length > char_length(key) then  -- not ASCII: bytes are not units
    select string_agg(
             case when point < 65536 then set_byte('\x00', 0, point & 255)
                  else set_byte(set_byte('\x0000', 0, ((point - 65536) >> 10) & 255), 1, point & 255) end,
             '' order by place)
      into units
      from (select ascii(letter) as point, place
              from unnest(string_to_array(key, null)) with ordinality as letters (letter, place)) as points;
    length := octet_length(units);
  end if;
  tail := length & 3;

  for i in 0 .. length - tail - 1 by 4 loop
    k := (((get_byte(units, i) | (get_byte(units, i + 1) << 8) | (get_byte(units, i + 2) << 16)
           | (get_byte(units, i + 3) << 24))::bigint & mask) * -862048943) & mask;
    h := h # (((((k << 15) | (k >> 17)) & mask) * 461845907) & mask);
    h := ((((h << 13) | (h >> 19)) & mask) * 5 + 3864292196) & mask;
  end loop;

  if tail > 0 then
    k := get_byte(units, length - tail);
    if tail > 1 then k := k | (get_byte(units, length - tail + 1) << 8); end if;
    if tail > 2 then k := k | (get_byte(units, length - tail + 2) << 16); end if;
    k := (k * -862048943) & mask;
    h := h # (((((k << 15) | (k >> 17)) & mask) * 461845907) & mask);
  end if;

  h := h # length;
  h := ((h # (h >> 16)) * -2048144789) & mask;
  h := ((h # (h >> 13)) * -1028477387) & mask;
  return ((h # (h >> 16)) % 100)::integer + 1;
end
$$;
