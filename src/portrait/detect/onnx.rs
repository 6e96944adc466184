//! Frees an ONNX model from the fixed size that it was exported with, by editing its bytes.
//!
//! Both detectors are fully convolutional, but their files name one input size (640 x 640, 32 x 32). Only the few
//! fields of the Protocol Buffers encoding that hold shapes are rewritten; the numbers are those of `onnx.proto3`
//! (ONNX 1.x): ModelProto.graph 7; GraphProto.initializer 5, input 11, output 12, value_info 13; TensorProto.name 8;
//! ValueInfoProto.name 1, type 2; TypeProto.tensor_type 1; Tensor.elem_type 1, shape 2; TensorShapeProto.dim 1;
//! Dimension.dim_value 1, dim_param 2.

use std::collections::HashSet;

/// Protocol Buffers' wire type of a field that states its own length.
const DELIMITED: u64 = 2;

/// One field: its number, its payload (the inside, for a delimited one), and all its bytes.
struct Field<'a> {
    number: u64,
    delimited: bool,
    payload: &'a [u8],
    whole: &'a [u8],
}

/// The model with an input of 1 x 3 x any height x any width; the shapes of its outputs and of the values between
/// are dropped, for the runtime to infer. `None` where the bytes are no ONNX model.
pub fn with_free_size(model: &[u8]) -> Option<Vec<u8>> {
    let mut graphs = 0;
    let freed = rewrite(model, |field| {
        if field.number == 7 && field.delimited {
            graphs += 1;
            return Some(Some(delimited(7, &free_graph(field.payload)?)));
        }
        Some(None)
    })?;
    (graphs == 1).then_some(freed)
}

fn free_graph(graph: &[u8]) -> Option<Vec<u8>> {
    // Older models list their weights among the inputs too, as if a caller might change them: then the runtime cannot
    // fold or repack them, so those entries are dropped.
    let mut weights = HashSet::new();
    for field in fields(graph)?.iter().filter(|field| field.number == 5 && field.delimited) {
        weights.insert(first(field.payload, 8)?);
    }
    rewrite(graph, |field| {
        let edited = match field.number {
            11 if weights.contains(first(field.payload, 1)?) => return Some(Some(Vec::new())),
            11 => free_value(field.payload, Some(&input_shape()))?,
            12 => free_value(field.payload, None)?,
            13 => return Some(Some(Vec::new())),
            _ => return Some(None),
        };
        Some(Some(delimited(field.number, &edited)))
    })
}

/// A ValueInfoProto with another shape, or with none.
fn free_value(value: &[u8], shape: Option<&[u8]>) -> Option<Vec<u8>> {
    rewrite(value, |field| {
        if field.number != 2 {
            return Some(None);
        }
        let kind = rewrite(field.payload, |field| {
            if field.number != 1 {
                return Some(None);
            }
            let tensor = rewrite(field.payload, |field| {
                Some((field.number == 2).then(|| shape.map_or_else(Vec::new, |shape| delimited(2, shape))))
            })?;
            Some(Some(delimited(1, &tensor)))
        })?;
        Some(Some(delimited(2, &kind)))
    })
}

/// TensorShapeProto of 1 x 3 x height x width.
fn input_shape() -> Vec<u8> {
    let fixed = |size: u8| vec![0x08, size];
    let dims = [fixed(1), fixed(3), delimited(2, b"height"), delimited(2, b"width")];
    dims.iter().flat_map(|dim| delimited(1, dim)).collect()
}

/// Copies a message; the editor answers for each field with other bytes or with `None` to keep it.
fn rewrite(message: &[u8], mut edit: impl FnMut(&Field) -> Option<Option<Vec<u8>>>) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(message.len());
    for field in fields(message)? {
        match edit(&field)? {
            Some(bytes) => out.extend(bytes),
            None => out.extend(field.whole),
        }
    }
    Some(out)
}

/// The payload of the first field of this number.
fn first(message: &[u8], number: u64) -> Option<&[u8]> {
    fields(message)?.into_iter().find(|field| field.number == number).map(|field| field.payload)
}

fn fields(message: &[u8]) -> Option<Vec<Field<'_>>> {
    let mut fields = Vec::new();
    let mut rest = message;
    while !rest.is_empty() {
        let start = rest;
        let (key, after) = varint(rest)?;
        let (payload, after) = match key & 7 {
            0 => (&after[..0], varint(after)?.1),
            1 => after.split_at_checked(8)?,
            DELIMITED => {
                let (length, after) = varint(after)?;
                after.split_at_checked(usize::try_from(length).ok()?)?
            }
            5 => after.split_at_checked(4)?,
            _ => return None,
        };
        let whole = &start[..start.len() - after.len()];
        fields.push(Field { number: key >> 3, delimited: key & 7 == DELIMITED, payload, whole });
        rest = after;
    }
    Some(fields)
}

fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0u64;
    for (i, byte) in bytes.iter().enumerate().take(10) {
        value |= u64::from(byte & 0x7F) << (7 * i);
        if byte & 0x80 == 0 {
            return Some((value, &bytes[i + 1..]));
        }
    }
    None
}

fn delimited(number: u64, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(payload.len() + 6);
    for mut value in [number << 3 | DELIMITED, payload.len() as u64] {
        while value >= 0x80 {
            out.push(value as u8 | 0x80);
            value >>= 7;
        }
        out.push(value as u8);
    }
    out.extend(payload);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A model of one input and one output of fixed shapes, and a weight that is listed as an input.
    fn model() -> Vec<u8> {
        let value = |name: &[u8]| {
            let dim = |size: u8| delimited(1, &[0x08, size]);
            let shape: Vec<u8> = [dim(10), dim(3), dim(32), dim(32)].concat();
            let tensor = [vec![0x08, 1], delimited(2, &shape)].concat();
            [delimited(1, name), delimited(2, &delimited(1, &tensor))].concat()
        };
        let graph = [
            delimited(5, &delimited(8, b"weight")),
            delimited(11, &value(b"picture")),
            delimited(11, &value(b"weight")),
            delimited(12, &value(b"scores")),
            delimited(13, &value(b"between")),
        ];
        [vec![0x08, 6], delimited(7, &graph.concat())].concat()
    }

    #[test]
    fn only_the_picture_and_the_outputs_change_shape() {
        let freed = with_free_size(&model()).unwrap();
        let graph = first(&freed, 7).unwrap();
        let shape_of = |field: &Field| {
            let tensor = first(first(field.payload, 2).unwrap(), 1).unwrap();
            first(tensor, 2).map(<[u8]>::to_vec)
        };
        let found = fields(graph).unwrap();
        let numbers: Vec<_> = found.iter().map(|field| field.number).collect();
        assert_eq!(numbers, [5, 11, 12], "weights are no inputs, and values between are dropped");
        assert_eq!(shape_of(&found[1]), Some(input_shape()));
        assert_eq!(shape_of(&found[2]), None);
    }

    #[test]
    fn no_bytes_make_it_panic() {
        let whole = model();
        for end in 0..whole.len() {
            let _ = with_free_size(&whole[..end]);
        }
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 0xFF;
            let _ = with_free_size(&bytes);
        }
        assert_eq!(with_free_size(b""), None);
    }
}
